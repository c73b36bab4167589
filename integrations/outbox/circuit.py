"""The circuit breaker: while Alloy is down, one probe at a time instead of every worker."""

from __future__ import annotations

import random
from datetime import timedelta

import structlog
from django.db.models import F
from django.utils import timezone

from integrations import conf
from integrations.models import Circuit
from integrations.outbox.result import Result

log = structlog.get_logger(__name__)

FAILURES_THAT_OPEN = 5
FIRST_WAIT = 2.0
LONGEST_WAIT = 30.0


def permits_calls() -> bool:
    """Say whether Alloy may be called now; while the circuit is open, one caller a wait may."""
    circuit = Circuit.objects.filter(environment=conf.environment()).first()
    if circuit is None or circuit.open_until is None:
        return True
    if circuit.open_until > timezone.now():
        return False
    return _take_the_probe(circuit)


def is_open() -> bool:
    """Say whether the last calls failed so often that only probes are let through."""
    return Circuit.objects.filter(environment=conf.environment(), open_until__isnull=False).exists()


def record(result: Result) -> None:
    """Take note of how a call went. What says nothing about Alloy's health changes nothing."""
    if result.alloy_is_down:
        _count_failure(at_least=result.retry_after or 0.0)
    elif result.alloy_answered:
        _close()


def _close() -> None:
    closed = Circuit.objects.filter(environment=conf.environment(), failures__gt=0).update(
        failures=0, openings=0, open_until=None
    )
    if closed:
        log.info("circuit_reset")


def _count_failure(*, at_least: float) -> None:
    Circuit.objects.get_or_create(environment=conf.environment())
    circuits = Circuit.objects.filter(environment=conf.environment())
    circuits.update(failures=F("failures") + 1)
    circuit = circuits.get()
    if circuit.failures >= FAILURES_THAT_OPEN and circuit.open_until is None:
        _open(circuit, at_least=at_least)


def _take_the_probe(circuit: Circuit) -> bool:
    taken = Circuit.objects.filter(pk=circuit.pk, open_until=circuit.open_until).update(
        open_until=timezone.now() + _wait(circuit.openings + 1), openings=F("openings") + 1
    )
    return taken == 1


def _open(circuit: Circuit, *, at_least: float) -> None:
    until = timezone.now() + max(_wait(1), timedelta(seconds=at_least))
    if Circuit.objects.filter(pk=circuit.pk, open_until=None).update(open_until=until, openings=1):
        log.warning("circuit_opened", until=until.isoformat(), failures=circuit.failures)


def _wait(openings: int) -> timedelta:
    seconds = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(openings - 1, 16))
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 -- spreads load
