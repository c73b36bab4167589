"""The outbox beside what a reader would choose instead: how fast, how soon, and what a kill costs.

Every way does the same job: an event for each change of an order, posted to the same fake Alloy,
with as many calls at a time. The peers need an environment of their own, of Python 3.12 or later:

    python3.12 -m venv var/peers && var/peers/bin/pip install -r bench/baselines/requirements.txt
    python -m bench.outbox --peers var/peers/bin/python --write

`--write` puts tables and plots into docs/outbox-benchmarks.md. `--small` only shows that it runs.
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

from bench.chaos.report import grid
from bench.plot import plot
from bench.system import System, running_system
from bench.timing import circumstances, ms, percentile
from bench.ways import CELERY, Way, baselines, ours, tasks

DOCS = Path(__file__).parent.parent / "docs"
WARMING_UP = 5


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


def main() -> int:
    """Measure, print, and write down where that is asked for."""
    options = _options()
    with running_system(durable=not options.forgetful) as system:
        ways = [ours(), tasks(), *(baselines(system, options.peers) if options.peers else ())]
        loads = [_scaled(load, options.scale) for load in LOADS]
        rates = {load: _rates(system, ways, load, options.rounds) for load in loads}
        curve = _curve(system, ways[:2], options)
        kills = [_kills(system, way, options) for way in ways]
        delays = _delays(system, options.singles)
    text = _report(ways, rates, kills, delays)
    print(f"\n{text}")
    if options.write:
        (DOCS / "outbox-benchmarks.md").write_text(f"# The outbox beside its peers\n\n{text}\n")
        plot(DOCS / "outbox-rate.svg", curve, x="calls at a time", y="events a second")
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


def _curve(
    system: System, ways: Sequence[Way], options: argparse.Namespace
) -> dict[str, list[tuple[float, float]]]:
    """Return the rate over the number of calls at a time."""
    points: dict[str, list[tuple[float, float]]] = {way.name: [] for way in ways}
    for at_once in (1, 10, 50, 100, 200):
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
        _wait_for_keys(
            system, (kill + 1) * orders * each // (options.kills + 2), patience=options.patience
        )
        system.kill("sender")
        before, killed = len(system.calls()), time.monotonic()
        system.start("sender", *way.command(20), **way.peer)
        _wait(lambda before=before: len(system.calls()) > before, patience=options.patience)  # type: ignore[misc]
        gaps.append(time.monotonic() - killed)
    _wait_for_keys(system, orders * each, patience=options.patience)
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
    from django.db import transaction

    from accounts.models import User
    from orders.events import FulfillmentUpdated

    system.slow_alloy_down(0)
    system.forget_calls()
    system.start("sender", *command)
    merchant, seconds = User.objects.get(), []
    for number in range(WARMING_UP + count):
        with transaction.atomic():
            event = FulfillmentUpdated(orderId="1", status="SHIPPED")
            publish(event, tenant=merchant, subject="order:1")
        committed = time.time()
        arrived = system.wait_for_calls(number + 1, look_every=0.02)[-1][0]
        seconds.append(arrived - committed)
        time.sleep(0.05)
    system.stop("sender")
    warm = seconds[WARMING_UP:]
    return name, ms(percentile(warm, 50)), ms(percentile(warm, 95))


def _wait_for_keys(system: System, count: int, *, patience: float) -> None:
    _wait(lambda: len({key for _, key in system.calls()}) >= count, patience=patience)


def _wait(condition: Callable[[], bool], *, patience: float) -> None:
    """Wait until it holds, or for as long as anybody would: what is lost never comes."""
    ends = time.monotonic() + patience
    while not condition() and time.monotonic() < ends:
        time.sleep(0.1)


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
    return "\n\n".join(
        [
            grid(("events a second", *names), rows, numbers=set(range(1, len(names) + 1))),
            "The median, and the lowest and highest. ![](outbox-rate.svg)",
            grid(("from commit to Alloy, at idle", "p50", "p95"), delays, numbers={1, 2}),
            grid(
                ("sender killed", "lost", "out of order", "twice", "back after at most"),
                kills,
                numbers={1, 2, 3, 4},
            ),
            f"{versions}. {circumstances()}.",
        ]
    )


def _spread(found: Sequence[float]) -> str:
    return f"{statistics.median(found):,.0f} ({min(found):,.0f}-{max(found):,.0f})"


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
    parser = argparse.ArgumentParser(prog="python -m bench.outbox", description=__doc__)
    parser.add_argument("--peers", type=Path, help="the Python that has the peers installed")
    parser.add_argument("--rounds", type=int, default=3, help="of each load")
    parser.add_argument("--kills", type=int, default=10, help="of each sender")
    parser.add_argument("--singles", type=int, default=50, help="events published at idle")
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of events")
    parser.add_argument("--patience", type=float, default=90.0, help="seconds for what is lost")
    parser.add_argument("--forgetful", action="store_true", help="PostgreSQL without fsync")
    parser.add_argument("--write", action="store_true", help="docs/outbox-benchmarks.md")
    parser.add_argument("--small", action="store_true", help="only to see that it runs")
    options = parser.parse_args(arguments if arguments is None else list(arguments))
    if options.small:
        options.rounds, options.kills, options.singles, options.scale = 1, 1, 2, 0.02
        options.patience = 20.0
    return options


if __name__ == "__main__":
    sys.exit(main())
