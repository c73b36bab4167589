"""The circuit breaker: while Alloy is down, one probe at a time instead of every worker.

It opens when so many messages in a row had their first failure. A message that fails over and over
while nothing else does counts once: it is the message that is ill then, and nobody else must wait
for it.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from enum import Enum, auto

import structlog
from django.db.models import F, QuerySet
from django.utils import timezone

from integrations import conf
from integrations.models import Circuit
from integrations.outbox.result import Health, Result

log = structlog.get_logger(__name__)

FAILURES_THAT_OPEN = 5
FIRST_WAIT = 2.0
LONGEST_WAIT = 30.0


class State(Enum):
    """Whether to call: always (closed), never (open), or once, to see how Alloy is (half-open)."""

    CLOSED = auto()
    HALF_OPEN = auto()
    OPEN = auto()


def acquire() -> State:
    """Return the circuit's state; while it is open, one caller a wait finds it half-open.

    That caller has taken the probe: it makes one call and records the result, or returns it.
    """
    circuit = _circuit().first()
    if circuit is None or circuit.open_until is None:
        return State.CLOSED
    if circuit.open_until <= timezone.now() and _take_the_probe(circuit):
        return State.HALF_OPEN
    return State.OPEN


def is_open() -> bool:
    """Say whether the last calls failed so often that only probes are let through."""
    return _circuit().filter(open_until__isnull=False).exists()


def record(result: Result, *, probing: bool, repeated: bool) -> None:
    """Take note of how a try went; `repeated` says that its message had failed before."""
    if result.health is Health.UP:
        _close()
    elif result.health is Health.UNKNOWN:
        if probing:
            return_probe()
    elif probing:
        _stay_open(until=_after(result))
    elif not repeated:
        _count_failure(until=_after(result))


def return_probe() -> None:
    """Let the next worker probe at once: ours made no call."""
    _circuit().filter(open_until__isnull=False).update(
        open_until=timezone.now(), openings=F("openings") - 1
    )


def _circuit() -> QuerySet[Circuit]:
    return Circuit.objects.filter(environment=conf.environment())


def _close() -> None:
    failed = _circuit().filter(failures__gt=0)
    if not failed.exists():
        return
    if failed.filter(open_until__isnull=False).update(failures=0, openings=0, open_until=None):
        log.info("circuit_reset")
    else:
        failed.update(failures=0)


def _count_failure(*, until: datetime) -> None:
    Circuit.objects.get_or_create(environment=conf.environment())
    _circuit().update(failures=F("failures") + 1)
    opened = _circuit().filter(failures__gte=FAILURES_THAT_OPEN, open_until=None)
    if opened.update(open_until=max(until, timezone.now() + _wait(1)), openings=1):
        log.warning("circuit_opened")


def _stay_open(*, until: datetime) -> None:
    _circuit().filter(open_until__lt=until).update(open_until=until)


def _take_the_probe(circuit: Circuit) -> bool:
    """Take it by moving the end of the wait; of several workers only one finds it unmoved."""
    unmoved = _circuit().filter(open_until=circuit.open_until)
    until = timezone.now() + _wait(circuit.openings + 1)
    return unmoved.update(open_until=until, openings=F("openings") + 1) == 1


def _after(result: Result) -> datetime:
    asked = min(result.retry_after or 0.0, conf.retry_after_cap())
    return timezone.now() + timedelta(seconds=asked)


def _wait(openings: int) -> timedelta:
    seconds = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(openings - 1, 16))
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 -- spreads load
