"""The outbox beside what a reader would choose instead: how fast, how soon, and what a kill costs.

Every way does the same job: an event for each change of an order, posted to the same fake Alloy,
with as many calls at a time. The peers need an environment of their own, of a Python 3.12 or later:

    python3.12 -m venv var/peers && var/peers/bin/pip install -r bench/baselines/requirements.txt
    python -m bench.outbox --peers var/peers/bin/python --write

`--write` puts the tables into docs/benchmarks.md, between the two marks there, and draws the plots
beside it. `--quick` takes some minutes instead of an hour; `--small` only shows that it runs.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.chaos.report import grid
from bench.plot import plot
from bench.section import DOCS, write_section
from bench.system import System, running_system
from bench.timing import circumstances, ms, percentile
from bench.ways import CELERY, Way, baselines, ours, ours_by_celery, tasks

WARMING_UP = 5
ARRIVING = 0.5
"""Seconds around a kill in which calls that it met arrive."""


@dataclass(frozen=True)
class Load:
    """So many events of so many orders, sent so many at a time to an Alloy that takes a while."""

    orders: int
    each: int
    at_once: int
    delay: float

    @property
    def title(self) -> str:
        of = f" of {self.each:,}" if self.each > 1 else ""
        return (
            f"{self.orders:,} order{'s' * (self.orders > 1)}{of}, {self.at_once} at once,"
            f" Alloy {self.delay * 1000:.0f} ms"
        )


LOADS = (
    Load(2000, 1, 50, 0.1),
    Load(4000, 1, 200, 0.1),
    Load(200, 10, 50, 0.0),
    Load(1, 500, 1, 0.0),
    Load(1, 500, 50, 0.0),
)


Curve = dict[str, list[tuple[float, float]]]


def main() -> int:
    """Measure, print, and write down where that is asked for."""
    options = _options()
    with running_system(durable=not options.forgetful) as system:
        ways = [ours(), tasks(), *(baselines(system, options.peers) if options.peers else ())]
        loads = [_scaled(load, options.scale) for load in LOADS]
        rates = {load: _rates(system, ways, load, options.rounds) for load in loads}
        curve = _curve(system, ways[:2] if options.quick else ways, options)
        delays = _delays(system, options.singles)
        latency = _latency_over_rate(system, options.seconds)
        kills = [_kills(system, way, options) for way in (*ways[:1], ours_by_celery(), *ways[1:])]
    text = _report(ways, rates, kills, delays)
    print(f"\n{text}")
    if options.write:
        write_section("outbox", text)
        plot(DOCS / "outbox-rate.svg", curve, x="calls at a time", y="events a second")
        x, y = "events published a second", "ms from commit to Alloy, half of them sooner"
        plot(DOCS / "outbox-latency.svg", latency, x=x, y=y)
    return 0


def _rates(system: System, ways: Sequence[Way], load: Load, rounds: int) -> dict[str, list[float]]:
    """Return the events a second of each way, a round after the other."""
    system.slow_alloy_down(load.delay)
    rates: dict[str, list[float]] = {way.name: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            way.fill(load.orders, load.each)
            events = load.orders * load.each
            found = system.rate_of(way.command(load.at_once), events=events, **way.peer)
            rates[way.name].append(found)
            print(f"{load.title}: {way.name} {found:,.0f}", flush=True)
    return rates


def _curve(system: System, ways: Sequence[Way], options: argparse.Namespace) -> Curve:
    """Return the rate over the number of calls at a time."""
    points: Curve = {way.name: [] for way in ways}
    for at_once in options.curve:
        load = _scaled(Load(20 * at_once, 1, at_once, 0.1), options.scale)
        for name, found in _rates(system, ways, load, 1).items():
            points[name].append((at_once, statistics.median(found)))
    return points


def _kills(system: System, way: Way, options: argparse.Namespace) -> tuple[str, ...]:
    """Kill the sender again and again; return what was lost, out of order, and sent twice."""
    orders, each = max(int(100 * options.scale), 4), 20
    system.slow_alloy_down(0.02)
    system.forget_calls()
    way.fill(orders, each)
    gaps = []
    system.start("sender", *way.command(20), **way.peer)
    for kill in range(options.kills):
        some = (kill + 1) * orders * each // (options.kills + 2)
        system.wait_for_calls(some, patience=options.patience, look_every=0.02)
        system.kill("sender")
        killed = time.time()
        system.start("sender", *way.command(20), **way.peer)
        gaps.append(_time_back(system, way, killed, each=each, patience=options.patience))
    system.wait_for_calls(orders * each, patience=options.patience)
    system.stop("sender")
    keys = [key for _, key in system.calls()]
    lost = orders * each - len(set(keys))
    back = f"{max(gaps, default=0):,.1f} s"
    return (
        way.name,
        f"{lost:,}",
        f"{_backward(way, keys):,}",
        f"{len(keys) - len(set(keys)):,}",
        back,
    )


def _backward(way: Way, keys: Sequence[str]) -> int:
    """Count events that came after a later one of their order."""
    places, latest, count = way.place(keys), Counter[int](), 0
    for key in keys:
        order, number = places[key]
        count += number < latest[order]
        latest[order] = max(latest[order], number)
    return count


def _delays(system: System, count: int) -> list[tuple[str, ...]]:
    """Return how long it takes from the commit to Alloy while nothing else is to do."""
    from bench.doubles import plain
    from integrations.events import publish

    celery = (*CELERY, "--concurrency=2")
    return [
        _delay(system, name, command, function, count)
        for name, command, function in (
            ("outbox, a relay that listens", ("manage.py", "relay"), publish),
            ("outbox, Celery", celery, publish),
            ("task.delay()", celery, plain.publish),
        )
    ]


def _delay(
    system: System,
    name: str,
    command: Sequence[str],
    publish: Callable[..., object],
    count: int,
) -> tuple[str, ...]:
    system.slow_alloy_down(0)
    system.forget_calls()
    system.start("sender", *command)
    seconds = []
    for number in range(WARMING_UP + count):
        _publish(publish, subject="order:1")
        committed = time.time()
        arrived = system.wait_for_calls(number + 1, look_every=0.02)[-1][0]
        seconds.append(arrived - committed)
        time.sleep(0.05)
    system.stop("sender")
    warm = seconds[WARMING_UP:]
    return name, ms(percentile(warm, 50)), ms(percentile(warm, 95))


def _time_back(system: System, way: Way, killed: float, *, each: int, patience: float) -> float:
    """Return the seconds from the kill until every order that was under way has gone on."""
    ends = time.monotonic() + patience
    while True:
        time.sleep(0.2)
        calls = system.calls()
        order_of = {key: order for key, (order, _) in way.place(key for _, key in calls).items()}
        before = Counter(order_of[key] for key in {key for at, key in calls if at <= killed})
        under_way = {
            order_of[key] for at, key in calls if killed - ARRIVING < at <= killed + ARRIVING
        }
        went_on = {order_of[key]: at for at, key in reversed(calls) if at > killed + ARRIVING}
        waiting = {order for order in under_way if before[order] < each - 1} - went_on.keys()
        if not waiting or time.monotonic() > ends:
            return max((went_on[each] - killed for each in under_way & went_on.keys()), default=0.0)


def _publish(publish: Callable[..., Any], *, subject: str) -> str:
    """Publish an event about the subject; return its Idempotency-Key once it is committed."""
    from django.db import transaction

    from accounts.models import User
    from orders.events import FulfillmentUpdated

    with transaction.atomic():
        event = FulfillmentUpdated(orderId="1", status="SHIPPED")
        return str(publish(event, tenant=User.objects.get(), subject=subject).uid)


def _latency_over_rate(system: System, seconds: int) -> Curve:
    """Return the median time from commit to Alloy while so many events a second are published."""
    from bench.doubles import plain
    from integrations.events import publish

    celery = (*CELERY, "--pool=threads", "--concurrency=8")
    ways = {
        "outbox": (("manage.py", "relay"), publish),
        "task.delay()": (celery, plain.publish),
    }
    system.slow_alloy_down(0.02)
    curve: Curve = {}
    for name, (command, function) in ways.items():
        system.start("sender", *command)
        _published(system, function, WARMING_UP, 1)
        curve[name] = [
            (rate, 1000 * percentile(_published(system, function, rate, seconds), 50))
            for rate in (5, 25, 50, 100)
        ]
        system.stop("sender")
    return curve


def _published(
    system: System, publish: Callable[..., object], rate: int, seconds: int
) -> list[float]:
    """Publish at this rate; return the seconds from each commit to Alloy, but for the first."""
    system.forget_calls()
    began, committed = time.monotonic(), {}
    for number in range(rate * seconds):
        time.sleep(max(began + number / rate - time.monotonic(), 0))
        committed[_publish(publish, subject=f"order:{number}")] = time.time()
    arrived = {key: at for at, key in reversed(system.wait_for_calls(len(committed), patience=60))}
    late = [arrived[key] - at for key, at in committed.items() if key in arrived]
    return late[WARMING_UP:] or late


def _report(
    ways: Sequence[Way],
    rates: dict[Load, dict[str, list[float]]],
    kills: Sequence[tuple[str, ...]],
    delays: Sequence[tuple[str, ...]],
) -> str:
    names = [way.name for way in ways]
    rows = [
        (load.title, *(_spread(found[name]) for name in names)) for load, found in rates.items()
    ]
    versions = ", ".join(_version(way) for way in ways)
    heads = ("sender killed", "lost", "out of order", "twice", "back after at most")
    return "\n\n".join(
        [
            grid(("events a second", *names), rows, numbers=set(range(1, len(names) + 1))),
            "The median, and the lowest and highest where there were several rounds.",
            "![Events a second over calls at a time](outbox-rate.svg)",
            grid(("from commit to Alloy, at idle", "p50", "p95"), delays, numbers={1, 2}),
            "![Time from commit to Alloy over events a second](outbox-latency.svg)",
            grid(heads, kills, numbers={1, 2, 3, 4}),
            f"{versions}; PostgreSQL with `fsync` on. {circumstances()}.",
        ]
    )


def _spread(found: Sequence[float]) -> str:
    middle = f"{statistics.median(found):,.0f}"
    return middle if len(found) == 1 else f"{middle} ({min(found):,.0f}-{max(found):,.0f})"


def _version(way: Way) -> str:
    """Return a peer's name and version, as its own environment has it."""
    if way.name == "outbox":
        return "AcmeCo"
    package = {"task.delay()": "celery"}.get(way.name, way.name)
    if way.python == sys.executable:
        return f"{package} {importlib.metadata.version(package)}"
    ask = f"from importlib.metadata import version; print(version({package!r}))"
    answer = subprocess.run([way.python, "-c", ask], capture_output=True, text=True, check=True)
    return f"{package} {answer.stdout.strip()}"


def _scaled(load: Load, scale: float) -> Load:
    if load.orders == 1:
        return Load(1, max(int(load.each * scale), 5), load.at_once, load.delay)
    return Load(max(int(load.orders * scale), 5), load.each, load.at_once, load.delay)


def _options(arguments: Iterable[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.outbox",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--peers", type=Path, help="the Python that has the peers installed")
    parser.add_argument("--rounds", type=int, default=3, help="of each load")
    parser.add_argument("--kills", type=int, default=10, help="of each sender")
    parser.add_argument("--singles", type=int, default=50, help="events published at idle")
    parser.add_argument("--seconds", type=int, default=10, help="at each rate of publishing")
    parser.add_argument("--curve", type=int, nargs="*", default=[1, 10, 50, 100, 200])
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of events")
    parser.add_argument("--patience", type=float, default=120.0, help="seconds for what is lost")
    parser.add_argument("--forgetful", action="store_true", help="PostgreSQL without fsync")
    parser.add_argument("--write", action="store_true", help="docs/benchmarks.md and its plots")
    parser.add_argument("--quick", action="store_true", help="one round, one kill")
    parser.add_argument("--small", action="store_true", help="only to see that it runs")
    options = parser.parse_args(arguments if arguments is None else list(arguments))
    if options.quick:
        vars(options).update(rounds=1, kills=1, singles=30, seconds=4, scale=0.4)
        vars(options).update(curve=[10, 50, 200], patience=95.0)
    if options.small:
        vars(options).update(rounds=1, kills=1, singles=2, seconds=1, scale=0.02)
        vars(options).update(curve=[5], patience=20.0)
    return options


if __name__ == "__main__":
    sys.exit(main())
