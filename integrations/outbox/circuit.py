"""The circuit breaker: while Alloy is down, one probe at a time instead of every sender.

It opens when so many messages in a row had their first failure. A message that fails again and
again while no other does counts once: then the fault is its own, and no other must wait for it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum, auto

import structlog
from django.db.models import F, QuerySet
from django.utils import timezone

from integrations import conf, database
from integrations.backoff import LONGEST_RETRY_AFTER
from integrations.models import Circuit
from integrations.outbox import transitions
from integrations.outbox.handlers import Health, Result
from integrations.wake import Hint, after_commit

log = structlog.get_logger(__name__)

FAILURES_THAT_OPEN = 5
WAITS = (2.0, 4.0, 8.0, *[15.0] * 20, 30.0)
"""Seconds between probes: the end of a short outage is seen within 15 of them; a long one costs two
calls a minute."""


class State(Enum):
    """Whether to call: always (closed), never (open), or once, to see how Alloy is (half-open)."""

    CLOSED = auto()
    HALF_OPEN = auto()
    OPEN = auto()


def is_open() -> bool:
    """Say whether the last calls failed so often that only probes are let through."""
    return _circuit().filter(open_until__isnull=False).exists()


class Breaker:
    """A sender's view of the circuit, whose row all senders share."""

    def __init__(self) -> None:
        self.state = State.CLOSED
        self._has_failures = True  # as far as we know

    def acquire(self) -> State:
        """Return the state. While the circuit is open, one caller per wait gets half-open.

        That caller has the probe: it makes one call and records the result, or returns the probe.
        """
        circuit = _circuit().first()
        self._has_failures = bool(circuit and circuit.failures)
        self.state = State.CLOSED
        if circuit and circuit.open_until:
            may_probe = circuit.open_until <= timezone.now() and _take_the_probe(circuit)
            self.state = State.HALF_OPEN if may_probe else State.OPEN
        return self.state

    def record(self, results: Iterable[tuple[Result, bool]]) -> None:
        """Take note of how calls went, in the order of their answers.

        Each result comes with whether a failure counts: that of a message that had failed before
        does not, nor that of a group which others took over, when this sender had no network.
        """
        in_a_row, until, is_up = 0, timezone.now(), False
        for result, counts in results:
            if result.health in (Health.UP, Health.BUSY):
                in_a_row, is_up = 0, True
            elif result.health is Health.DOWN:
                in_a_row, until = in_a_row + counts, max(until, _after(result))
        if is_up and self._has_failures:
            self._close()
        if in_a_row:
            self._count(in_a_row, until=until)

    def record_probe(self, result: Result) -> None:
        """Take note of how the probe went."""
        if result.health is Health.DOWN:
            _circuit().filter(open_until__lt=_after(result)).update(open_until=_after(result))
        elif result.health is Health.UNKNOWN:
            self.return_probe()
        else:
            self._close()

    def return_probe(self) -> None:
        """Let the next caller probe at once: we made no call."""
        _circuit().filter(open_until__isnull=False).update(
            open_until=timezone.now(), openings=F("openings") - 1
        )

    def _close(self) -> None:
        _circuit().filter(open_until=None).update(failures=0)
        was_open = _circuit().filter(open_until__isnull=False)
        if was_open.update(failures=0, openings=0, open_until=None):
            log.info("circuit_closed")
        self.state, self._has_failures = State.CLOSED, False

    def _count(self, failures: int, *, until: datetime) -> None:
        Circuit.objects.get_or_create(environment=conf.environment())
        _circuit().update(failures=F("failures") + failures)
        opened = _circuit().filter(failures__gte=FAILURES_THAT_OPEN, open_until=None)
        if opened.update(open_until=max(until, timezone.now() + _wait(1)), openings=1):
            log.warning("circuit_opened")
            self.state = State.OPEN
        self._has_failures = True


@database.atomic()
def close(*, circuit: Circuit) -> None:
    """Have Alloy called again before the wait is over; if it is still down, the circuit reopens."""
    Circuit.objects.filter(pk=circuit.pk).update(failures=0, openings=0, open_until=None)
    transitions.resume()
    after_commit(Hint.SEND)


def _circuit() -> QuerySet[Circuit]:
    return Circuit.objects.filter(environment=conf.environment())


def _take_the_probe(circuit: Circuit) -> bool:
    """Take it by moving the end of the wait; of several senders only one finds it unmoved."""
    unmoved = _circuit().filter(open_until=circuit.open_until)
    until = timezone.now() + _wait(circuit.openings + 1)
    return unmoved.update(open_until=until, openings=F("openings") + 1) == 1


def _after(result: Result) -> datetime:
    asked = min(result.retry_after or 0.0, LONGEST_RETRY_AFTER)
    return timezone.now() + timedelta(seconds=asked)


def _wait(openings: int) -> timedelta:
    seconds = WAITS[min(max(openings, 1), len(WAITS)) - 1]
    return timedelta(seconds=seconds * random.uniform(0.75, 1.0))  # noqa: S311 -- spreads load
