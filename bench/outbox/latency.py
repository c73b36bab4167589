"""How long it takes from the commit to Alloy: at idle, and while so many a second are published."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bench.outbox.system import System
from bench.outbox.ways import CELERY_ALONE, OURS, TASKS, Way
from bench.report import Goal, Plot, circumstances, finish, goals, grid
from bench.timing import ms, percentile

WARMING_UP = 5
SENDERS = 8
PER_SECOND_AT_IDLE = 10


def idle(system: System, ways: Sequence[Way], options: argparse.Namespace) -> None:
    """Measure the way of single events while nothing else is to do."""
    found = {}
    for way in ways:
        _start(system, way)
        found[way.name] = _publish(system, way, PER_SECOND_AT_IDLE, WARMING_UP + options.singles)
        system.stop()
        print(f"at idle: {way.name} {ms(percentile(found[way.name], 50))}", flush=True)
    half = {name: 1000 * percentile(seconds, 50) for name, seconds in found.items()}
    rows = [
        (name, *(ms(percentile(seconds, percent)) for percent in (50, 95)))
        for name, seconds in found.items()
    ]
    more = (half[CELERY_ALONE] - half[TASKS]) if {CELERY_ALONE, TASKS} <= half.keys() else None
    wanted = [
        Goal("a relay that listens, p50", half.get(OURS), most=5, unit=" ms"),
        Goal("Celery alone, p50, more than task.delay()", more, most=4, unit=" ms"),
    ]
    table = grid(("from commit to Alloy, at idle", "p50", "p95"), rows, numbers={1, 2})
    finish("idle", options, table, goals(wanted), f"{options.singles} events. {circumstances()}.")


def over_rate(system: System, ways: Sequence[Way], options: argparse.Namespace) -> None:
    """Measure half of the events' way at several rates of publishing; Alloy takes 20 ms."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for way in ways:
        _start(system, way, delay=0.02)
        _publish(system, way, PER_SECOND_AT_IDLE, WARMING_UP + 1)
        lines[way.name] = [
            (rate, 1000 * percentile(_publish(system, way, rate, rate * options.seconds), 50))
            for rate in options.publish
        ]
        system.stop()
        print(f"latency over rate: {way.name} {lines[way.name]}", flush=True)
    heads = ("from commit to Alloy, p50, published a second", *map(str, options.publish))
    rows = [(name, *(ms(each / 1000) for _, each in line)) for name, line in lines.items()]
    drawn = Plot("outbox-latency", lines, x="events published a second", y="ms to Alloy, p50")
    table = grid(heads, rows, numbers={*range(1, len(heads))})
    finish("latency", options, table, f"{circumstances()}.", plots=[drawn])


def _start(system: System, way: Way, *, delay: float = 0.0) -> None:
    system.have_alloy(delay=delay)
    way.begin_with(system, 1, 1)
    way.start(system, SENDERS)
    system.wait_for_calls()


def _publish(system: System, way: Way, rate: int, count: int) -> list[float]:
    """Publish at this rate; return the seconds from each commit to Alloy, but for the first."""
    system.forget_calls()
    committed = way.publish(count, rate)
    system.wait_for(count, seconds=10)
    arrived = {call.key: call.at for call in reversed(system.calls())}
    # Some have arrived before we hear that they are committed.
    late = [max(arrived[key] - at, 0.0) for key, at in committed.items() if key in arrived]
    return late[WARMING_UP:] or late or [float("inf")]
