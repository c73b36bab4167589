"""The integrations page against one that calls Alloy each time. `python -m bench.page --help`.

Both are views of the same real web server, with the same client (so the same deadline) and the same
templates; Alloy is the sandbox, which answers at once, only after two seconds, or with 503.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from functools import partial

import requests

from bench.inside import inside, settings_of_bench
from bench.options import options as parse
from bench.report import circumstances, finish, grid
from bench.timing import interleaved, ms, percentile, times
from tests.services.sandbox import Json, Sandbox
from tests.services.stack import Stack

PAGES = {"ours": "/integrations/", "calls each time": "/plain/integrations/"}
ALLOY: dict[str, Json] = {"well": {}, "slow, 2 s": {"delayMs": 2_000}, "down, 503": {"status": 503}}
HEAD = ("Alloy is", "page", "p50", "p95", "each time : ours (p50)", "what the merchant sees")
SEEN = {"how things were": "the last known copy, and its age", "BigCommerce": "the integrations"}


def main() -> int:
    """Measure both pages while Alloy is well, slow and down, and print the table."""
    options = parse(small={"rounds": 2}, rounds=40)
    rows: list[list[str]] = []
    with Stack(environment=settings_of_bench("views")) as stack, requests.Session() as session:
        stack.manage("migrate")
        stack.start_sandbox()
        session.trust_env = False
        session.headers["Cookie"] = f"sessionid={inside(stack, 'bench.page:log_in')}"
        stack.start("web")
        get = partial(_get, session, stack.url)
        interleaved({path: partial(get, path, []) for path in PAGES.values()}, rounds=8)
        for state, fault in ALLOY.items():
            if fault:
                Sandbox(stack.sandbox_url).misbehave("/integrations", method="GET", **fault)
            print(f"Alloy is {state}: {options.rounds} rounds ...", flush=True)
            rows += measure(state, get, rounds=options.rounds)
            Sandbox(stack.sandbox_url).behave()
    text = f"{options.rounds} rounds of each. {circumstances()}."
    finish("page", options, grid(HEAD, rows, numbers={2, 3, 4}), text)
    return 0


def measure(state: str, get: Callable[[str, list[str]], None], *, rounds: int) -> list[list[str]]:
    """Return a row for each page."""
    seen: dict[str, list[str]] = {name: [] for name in PAGES}
    ways = {name: partial(get, path, seen[name]) for name, path in PAGES.items()}
    seconds = interleaved(ways, rounds=rounds)
    medians = {name: percentile(each, 50) for name, each in seconds.items()}
    ratio = times(medians["calls each time"] / medians["ours"])
    return [
        [
            *(state, name, ms(medians[name]), ms(percentile(seconds[name], 95))),
            ratio if name == "ours" else "",
            ", ".join(f"{what} ({times:,})" for what, times in Counter(seen[name]).items()),
        ]
        for name in PAGES
    ]


def log_in() -> str:
    """Add a merchant who has an Alloy user; return the id of their session."""
    from django.core.management import call_command
    from django.test import Client

    from accounts.models import User

    [merchant] = User.objects.bulk_create([User(email="merchant@shop.example", password="!")])  # noqa: S106
    call_command("provision_alloy_users")
    client = Client()
    client.force_login(merchant)
    return client.cookies["sessionid"].value


def _get(session: requests.Session, url: str, path: str, seen: list[str]) -> None:
    answer = session.get(f"{url}{path}", timeout=60)
    known = (words for text, words in SEEN.items() if text in answer.text)
    seen.append(next(known, f"an error page, {answer.status_code}"))


if __name__ == "__main__":
    sys.exit(main())
