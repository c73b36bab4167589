"""The pace, counted on a clock of its own against an Alloy that has a limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

import pytest

from integrations.outbox.pace import Pace

LIMIT = 100
"""Calls a second."""


@dataclass
class Limited:
    """Takes so many calls in every second that begins with a full one."""

    limit: int = LIMIT
    seen: Counter[int] = field(default_factory=Counter)

    def takes(self, moment: float) -> bool:
        self.seen[int(moment)] += 1
        return self.seen[int(moment)] <= self.limit


@dataclass
class Bucket:
    """Takes a call for each token; a hundred come each second, ten can be saved."""

    tokens: float = 10.0
    filled_at: float = 0.0

    def takes(self, moment: float) -> bool:
        self.tokens = min(10.0, self.tokens + (moment - self.filled_at) * LIMIT)
        self.filled_at = moment
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Simulation:
    """So many senders that always have something to send, and an Alloy that takes its time."""

    def __init__(self, takes: Callable[[float], bool], *, senders: int, latency: float) -> None:
        self.now = 0.0
        self.pace = Pace(clock=lambda: self.now)
        self.takes, self.latency = takes, latency
        self.calls: list[tuple[float, bool]] = []
        self._events: list[tuple[float, int, float | None, bool]] = []
        self._senders, self._under_way = senders, 0
        for sender in range(senders):
            heappush(self._events, (0.0, sender, None, True))

    def run(self, *, until: float) -> None:
        """Let each sender wait for its moment, call, hear the answer, and begin anew."""
        while self._events[0][0] < until:
            self.now, sender, began, taken = heappop(self._events)
            if began is None and self._has_no_place():
                heappush(self._events, (self.now + 0.01, sender, None, True))
            elif began is None:
                self._under_way += 1
                began = self.now + self.pace.reserve()
                heappush(self._events, (began, sender, began, True))
            elif began == self.now:
                taken = self.takes(self.now)
                self.calls.append((self.now, taken))
                heappush(self._events, (self.now + self.latency, sender, began, taken))
            else:
                self._under_way -= 1
                self.pace.taken() if taken else self.pace.refused(began=began)
                heappush(self._events, (self.now, sender, None, True))

    def _has_no_place(self) -> bool:
        return self.pace.pause > 1 or self._under_way >= self.pace.window(self._senders)

    def share_refused(self, *, since: float) -> float:
        answers = [taken for moment, taken in self.calls if moment >= since]
        return answers.count(False) / len(answers)

    def rate_taken(self, *, since: float) -> float:
        return sum(taken for moment, taken in self.calls if moment >= since) / (self.now - since)


@pytest.mark.parametrize("senders", [8, 50])
@pytest.mark.parametrize("latency", [0.01, 0.1])
@pytest.mark.parametrize("limit", [Limited, Bucket])
def test_nine_tenths_of_a_limit_are_used_and_few_calls_refused(
    limit: type[Limited | Bucket], latency: float, senders: int
) -> None:
    simulation = Simulation(limit().takes, senders=senders, latency=latency)
    simulation.run(until=60.0)
    most = min(LIMIT, senders / latency)
    assert simulation.share_refused(since=30.0) <= 0.05
    assert simulation.rate_taken(since=30.0) >= 0.9 * most


def test_without_a_limit_nothing_is_held_back() -> None:
    pace = Pace()
    for _ in range(1000):
        pace.taken()
    assert [pace.reserve() for _ in range(1000)] == [0.0] * 1000
    assert pace.window(50) == 50


def test_a_limit_that_was_lifted_is_forgotten_within_a_minute() -> None:
    limited = Limited()
    simulation = Simulation(limited.takes, senders=50, latency=0.1)
    simulation.run(until=20.0)
    limited.limit = 1_000_000
    simulation.run(until=50.0)
    assert simulation.rate_taken(since=45.0) >= 0.9 * 50 / 0.1


def test_after_an_outage_the_rate_begins_low_and_soon_sets_no_limit() -> None:
    simulation = Simulation(lambda _: True, senders=50, latency=0.1)
    simulation.pace.slow_down()
    simulation.run(until=30.0)
    first = [moment for moment, _ in simulation.calls if moment < 0.5]
    assert len(first) <= 25
    assert sum(moment < 30.0 for moment, _ in simulation.calls) >= 10_000


def test_where_no_call_is_taken_at_all_alloy_is_left_alone_for_as_long_as_it_asks() -> None:
    pace = Pace(clock=lambda: 100.0)
    pace.refused(began=100.0, retry_after=30.0)
    assert (pace.pause, pace.window(50)) == (30.0, 1)
