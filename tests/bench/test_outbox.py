"""How the outbox's benches count what a fake Alloy has seen."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bench.outbox.kills import _back_after
from bench.outbox.outage import _early
from bench.outbox.system import Call
from bench.outbox.ways import Way, _places_in_keys


@pytest.fixture
def way() -> Way:
    return Way("any", "", print, lambda *_: {}, lambda _: (), _places_in_keys, 1.0)


def calls(*what: str | tuple[float, str, int]) -> list[Call]:
    """Return calls; a key alone is one that is taken, a second after the last."""
    return [
        Call(*each) if isinstance(each, tuple) else Call(second, each, 200)
        for second, each in enumerate(what)
    ]


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        (("1:0", "1:1", "2:0", "2:1"), 0),
        (("1:1", "1:0", "2:0", "2:1"), 1),
        (("1:0", "1:0", "1:1"), 0),  # twice is not out of order
        (("1:2", "1:0", "1:1", "1:3"), 2),
    ],
)
def test_events_after_a_later_one_of_their_order_are_counted(
    way: Way, keys: Iterable[str], count: int
) -> None:
    assert way.out_of_order(calls(*keys)) == count


def test_back_is_who_sends_the_last_of_the_orders_that_the_kill_met(way: Way) -> None:
    seen = calls((9.9, "1:0", 200), (9.8, "2:0", 200), (12.0, "1:0", 200), (15.0, "2:1", 200))
    assert _back_after(way, seen, 10.0) == pytest.approx(5.0)


def test_an_order_that_nothing_was_under_way_for_says_nothing_about_a_kill(way: Way) -> None:
    seen = calls((2.0, "1:0", 200), (9.8, "2:0", 200), (11.0, "2:1", 200), (40.0, "1:1", 200))
    assert _back_after(way, seen, 10.0) == pytest.approx(1.0)


def test_a_call_before_the_retry_after_of_the_last_refusal_is_early() -> None:
    seen = calls((0.0, "a", 503), (29.0, "a", 503), (60.0, "a", 200), (1.0, "b", 200))
    assert _early(seen, 30) == 1
    assert _early(seen, 0) == 0
