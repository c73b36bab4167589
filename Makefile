# Everything this project does, by one word each. `make` alone lists them.

# The Python that makes .venv: any from 3.11 on.
PYTHON ?= python3

# Bytecode is kept, whatever the environment says: it halves the time that a process takes to start.
export PYTHONDONTWRITEBYTECODE =
export UV_PYTHON_DOWNLOADS = never

.DEFAULT_GOAL := help
.PHONY: help run sandbox reset test lint chaos scenarios bench gallery docs messages lock upgrade

help: ## List what there is to do
	@grep -hE '^[a-z]+:.* ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.* ## (.*)/  make \1\t\2/' | expand -t 20

run: ## Run AcmeCo and the sandbox: no account, no key (Ctrl-C stops all)
	@$(PYTHON) scripts/bootstrap.py --run

sandbox: .venv-dev ## Run the sandbox alone, with its data in memory
	@.venv/bin/alloy-sandbox

reset: ## Forget all local data: databases, queues, logs
	@$(PYTHON) scripts/reset.py

test: .venv-dev ## Run all tests: SQLite, PostgreSQL, real processes, a real browser
	@.venv/bin/python scripts/test.py

lint: .venv-dev ## Check format, lint, types, imports between packages, migrations, settings, packages
	@.venv/bin/python scripts/lint.py

chaos: .venv-dev ## Kill everything at random under load, then compare the records (half an hour)
	@.venv/bin/python -m bench.chaos --compare

scenarios: .venv-dev ## Try each way to break it at its full size, and say which held (half an hour)
	@export FULL_SIZE=1; failed=0; \
	.venv/bin/pytest -v -m scenario tests/stack tests/browser || failed=1; \
	.venv/bin/python -m tests.services.postgres .venv/bin/pytest -v -n auto --ds tests.settings \
	    -m scenario --ignore tests/stack --ignore tests/browser || failed=1; \
	exit $$failed

bench: .venv-dev ## Measure what the code claims, beside the simple way (half an hour)
	.venv/bin/python -m bench.client
	.venv/bin/python -m bench.page
	.venv/bin/python -m bench.webhooks
	.venv/bin/python -m bench.forgeries
	.venv/bin/python -m bench.orders
	.venv/bin/python -m bench.backfill --quick
	.venv/bin/python -m bench.outbox
	.venv/bin/python -m bench.outbox backlog --waiting 100000 --delivered 1000000

gallery: .venv-dev ## Make docs/gallery/ anew: every state of every page, in a real browser
	@.venv/bin/python scripts/gallery.py

docs: ## Build the documentation as a site in var/site/, and check its links
	@$(PYTHON) scripts/bootstrap.py --dev --docs
	@.venv/bin/python scripts/documentation.py

messages: .venv-dev ## Collect the texts into locale/ and compile them; say what is not translated
	@DEBUG=true .venv/bin/python manage.py collectmessages

lock: .venv-dev ## Renew requirements*.txt from requirements*.in, keeping versions that still fit
	@for part in "" -dev -redis -sandbox -docs -tracing; do \
	.venv/bin/python -m uv pip compile --quiet --no-header --universal --python-version 3.11 \
	    --generate-hashes $(TO) requirements$$part.in --output-file requirements$$part.txt || exit 1; \
	echo "requirements$$part.txt is up to date."; done

upgrade: ## Renew requirements*.txt, with the newest versions
	@$(MAKE) --no-print-directory lock TO=--upgrade

.PHONY: .venv-dev
.venv-dev:
	@$(PYTHON) scripts/bootstrap.py --dev
