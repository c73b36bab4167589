"""Every check of the soak, given a run that is doctored in one way."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import replace

import pytest

from bench.chaos.ledgers import Ledgers
from bench.soak.clerks import Visit, Visits
from bench.soak.plan import Plan
from bench.soak.samples import Sample, connections_configured
from bench.soak.scenario import Outcome
from bench.soak.sender import Sent
from bench.soak.verdict import figures

PLAN = Plan(burst_rate=1, burst_seconds=1, rate=1, seconds=600)
STARTED = 1000.0
WHILE_DOWN = STARTED + 250
ORDER = ("user", "1")


def sent(answer: str) -> Sent:
    taken = answer in ("200", "202")
    return Sent(
        accepted=array("l", [1] if taken else []),
        not_accepted=array("l", [] if taken else [1]),
        answers=Counter({answer: 1}),
        since_due=array("d", [900.0]),
        since_sent=array("d", [9.0]),
    )


def visit(at: float, answer: str = "200", *, page: str = "integrations", mark: bool) -> Visit:
    return Visit(at, page, answer, 5_000.0, mark)


def sample(second: float, *, rss: int = 100, connections: int = 22) -> Sample:
    return Sample(second, {"web 1": rss, "relay 2": rss}, 99.0, 99.0, 99.0, 9, connections)


def books(**others: object) -> Ledgers:
    kept = {"changes": [], "acceptances": [], "store": {ORDER: ""}, "orders": [(ORDER, "NEW")]}
    return Ledgers(**{**kept, "taken_in": [ORDER], **others})  # type: ignore[arg-type]


GOOD = Outcome(
    plan=PLAN,
    burst=sent("202"),
    steady=sent("200"),
    visits=Visits([visit(STARTED, mark=False), visit(WHILE_DOWN, mark=True)]),
    started=STARTED,
    samples=[sample(61.0), sample(559.0)],
    connections_configured=22,
    drained=1.0,
    ledgers=books(),
)


def off(seen: Outcome) -> list[str]:
    return [figure.name for figure in figures(seen) if figure.fails]


def test_a_slow_run_in_which_nothing_went_wrong_does_not_fail() -> None:
    assert off(GOOD) == []
    assert any(figure.cells[3] == "missed" for figure in figures(GOOD))


@pytest.mark.parametrize("answer", ["503", "401", "TimeoutError"])
def test_a_webhook_that_was_not_taken_in_is_off(answer: str) -> None:
    assert off(replace(GOOD, steady=sent(answer))) == ["steady: not answered with 2xx"]
    assert off(replace(GOOD, burst=sent(answer))) == ["burst: not answered with 2xx"]


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        (visit(STARTED, "500", mark=False), "page requests answered with 5xx"),
        (
            visit(STARTED, "ConnectionError", page="order", mark=False),
            "page requests answered otherwise, or never",
        ),
        (visit(WHILE_DOWN, mark=False), "integrations pages without the mark while Alloy is away"),
    ],
)
def test_a_page_that_failed_or_hid_its_age_is_off(bad: Visit, name: str) -> None:
    assert off(replace(GOOD, visits=Visits([*GOOD.visits.made, bad]))) == [name]


def test_a_page_may_show_its_copy_as_fresh_for_a_moment_after_alloy_went() -> None:
    just_gone = visit(STARTED + 201, mark=False)

    assert off(replace(GOOD, visits=Visits([just_gone]))) == []


def test_memory_that_grew_is_off_in_a_run_that_was_long_enough_to_tell() -> None:
    grown = [sample(61.0, rss=100), sample(559.0, rss=106)]
    short = replace(GOOD, plan=replace(PLAN, seconds=599), samples=grown)

    assert off(replace(GOOD, samples=grown)) == [
        "memory of relay, growth of its worst process",
        "memory of web, growth of its worst process",
    ]
    assert off(short) == []


def test_a_connection_more_than_configured_is_off() -> None:
    greedy = [*GOOD.samples, sample(300.0, connections=23)]

    assert off(replace(GOOD, samples=greedy)) == ["database connections, most"]


def test_the_books_are_judged_as_after_chaos() -> None:
    assert off(replace(GOOD, ledgers=books(orders=[]))) == ["orders lost"]
    assert off(replace(GOOD, ledgers=books(left_over={"webhooks set aside": 1}))) == [
        "webhooks set aside"
    ]


def test_a_thread_or_pool_child_may_have_a_connection_each() -> None:
    commands = {
        "web": ["gunicorn", "--workers=2", "--threads=4"],
        "worker-1": ["celery", "--concurrency=2"],
        "relay": ["manage.py", "relay"],
    }

    assert connections_configured(commands) == 8 + 2 + 10
