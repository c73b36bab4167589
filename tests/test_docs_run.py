"""Each block of code in the documents runs, or is parsed, or says why not: see `documents.py`."""

from __future__ import annotations

import inspect
import json
import os
import shlex
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.db import transaction
from django.template import engines

import orders.events
import orders.services
from accounts.models import User
from integrations import tasks
from integrations.events import CustomEvent
from integrations.signals import work_wanted
from orders.models import Order
from tests.documents import ROOT, Block, all_blocks, blocks_of, texts_of
from tests.integrations.contrib.connectivity.surroundings import at_sandbox, connect, known_merchant
from tests.services.sandbox import Sandbox

__all__ = ["at_sandbox", "known_merchant"]

CATALOGUE, TELL, EVENT, SERVICE, IMPORT, TRY, TEST = texts_of("docs/tutorial.md")
PARSERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": lambda text: list(yaml.safe_load_all(text)),
    "html": lambda text: engines["django"].from_string(text),
    "text": str,
}
HERE = [block for block in all_blocks() if not (block.run_by or block.reason)]
SHELL = [block for block in HERE if block.language == "sh"]
PYTHON = sorted({block.document for block in HERE if block.language == "python"})


@pytest.mark.parametrize("block", all_blocks(), ids=str)
def test_a_block_is_run_or_parsed_or_says_why_not(block: Block) -> None:
    if block.run_by:
        assert f'"{block.document}"' in (ROOT / block.run_by).read_text()
    elif not block.reason:
        assert block.language in ("sh", "python", *PARSERS), "name a language, or say why not"
        PARSERS.get(block.language, str)(block.text)


def test_the_shell_understands_what_is_not_run() -> None:
    shell = "\n".join(each.text for each in all_blocks() if each.language == "sh")
    done = subprocess.run(["bash", "-n"], input=shell, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_the_shell_runs_it(block: Block, at_sandbox: Sandbox, tmp_path: Path) -> None:
    run(block.text, sandbox=at_sandbox, folder=tmp_path)


PRELUDE = f"""
make() {{ command make --silent --dry-run -C {ROOT} "$@"; }}
curl() {{ command curl --no-progress-meter --fail "$@"; }}
"""


def run(commands: str, *, sandbox: Sandbox, folder: Path) -> str:
    """Run commands that a document shows; what `make` would do is only looked up."""
    there = commands.replace("localhost:8001", sandbox.url.removeprefix("http://"))
    done = subprocess.run(
        ["bash", "-euc", f"{PRELUDE}\n{there}"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget afterwards what the documents declare."""
    monkeypatch.setattr(CustomEvent, "_declared", {**CustomEvent._declared})
    modules = [(vars(each), {**vars(each)}) for each in (orders.events, orders.services)]
    receivers = list(work_wanted.receivers)
    yield
    for names, before in modules:
        names.clear()
        names.update(before)
    work_wanted.receivers = receivers
    work_wanted.sender_receivers_cache.clear()


@pytest.mark.parametrize("document", PYTHON)
@pytest.mark.usefixtures("_as_it_was")
def test_the_python_of_a_document_runs(
    document: str, known_merchant: User, at_sandbox: Sandbox, request: pytest.FixtureRequest
) -> None:
    """What is there for the reader, too: a `user`, an `order` of theirs, and accounts."""
    for service in ("notion", "shopify"):
        connect(known_merchant, service, sandbox=at_sandbox, account="acme")
    order = Order.objects.create(merchant=known_merchant, external_id="123")
    names: dict[str, Any] = {"__name__": document, "user": known_merchant, "order": order}
    for block in blocks_of(document):
        if block.language == "python":
            play(block.text, names, request)


def play(code: str, names: dict[str, Any], request: pytest.FixtureRequest) -> None:
    """Run code, and each test that it defines, with the fixtures that it asks for."""
    exec(code, names)  # noqa: S102
    for test in [value for name, value in names.items() if name.startswith("test_")]:
        wanted = inspect.signature(test).parameters
        test(**{name: request.getfixturevalue(name) for name in wanted})


def test_the_catalogue_that_is_shown_is_one_that_the_sandbox_takes(sandbox: Sandbox) -> None:
    (catalogue,) = (each for each in blocks_of("sandbox/README.md") if each.language == "yaml")
    sandbox.declare(**yaml.safe_load(catalogue.text))


@pytest.mark.usefixtures("_as_it_was")
def test_who_follows_the_tutorial_sees_the_event_arrive(
    known_merchant: User, at_sandbox: Sandbox, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "shipments.json").write_text(CATALOGUE)
    run(TELL, sandbox=at_sandbox, folder=tmp_path)
    for module, code in ((orders.events, EVENT), (orders.services, IMPORT + SERVICE)):
        exec(code, vars(module))  # noqa: S102
    with transaction.atomic():
        play(TEST, {}, request)
        transaction.set_rollback(True)
    Order.objects.create(merchant=known_merchant, external_id="119", customer_name="Ada")
    call_command(*shlex.split(TRY)[2:])
    tasks.send()
    assert [event["data"] for event in at_sandbox.events()] == [{"orderId": "119", "days": 2}]
