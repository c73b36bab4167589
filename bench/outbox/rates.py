"""How many events a second each way sends, and what part of the ceiling that is."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.outbox.system import System
from bench.outbox.ways import OURS, TASKS, Way
from bench.report import Goal, Plot, circumstances, finish, goals, grid


@dataclass(frozen=True)
class Load:
    """So many events of so many orders, sent so many at a time to an Alloy that takes a while."""

    orders: int
    each: int
    at_once: int
    delay: float

    @property
    def title(self) -> str:
        """Return it in words."""
        of = f" of {self.each:,}" if self.each > 1 else ""
        who = f"{self.orders:,} order{'s' * (self.orders > 1)}{of}"
        return f"{who}, {self.at_once} at once, Alloy {self.delay * 1000:.0f} ms"

    @property
    def ceiling(self) -> float | None:
        """The events a second that would be sent if nothing but Alloy took time."""
        return self.at_once / self.delay if self.delay else None

    def scaled(self, scale: float) -> Load:
        """Return less of it, but never fewer events than are sent at a time."""
        if self.orders == 1:
            return Load(1, max(int(self.each * scale), 5), self.at_once, self.delay)
        orders = max(int(self.orders * scale), 5)
        return Load(orders, self.each, self.at_once, self.delay)


@dataclass
class Found:
    """What came of one way's rounds at a load."""

    rates: list[float]
    out_of_order: int = 0
    stopped_after: float = 0.0

    @property
    def rate(self) -> float:
        """The median."""
        return median(self.rates)

    def __str__(self) -> str:
        spread = f" ({min(self.rates):,.0f}-{max(self.rates):,.0f})" if len(self.rates) > 1 else ""
        notes = [f"{self.out_of_order:,} out of order"] if self.out_of_order else []
        notes += [f"stopped after {self.stopped_after:.0f} s"] if self.stopped_after else []
        shown = f"{self.rate:,.0f}" if self.rate >= 10 else f"{self.rate:.1f}"
        return "; ".join([f"{shown}{spread}", *notes])


LOADS = (
    Load(2000, 1, 50, 0.1),
    Load(3000, 1, 200, 0.1),
    Load(200, 10, 50, 0.0),
    Load(1, 500, 1, 0.0),
    Load(1, 500, 50, 0.0),
)
GOALS = {
    # load: (share of the ceiling, events a second, times task.delay(), times the best peer)
    LOADS[0]: (0.94, None, 1.4, 1.0),
    LOADS[1]: (None, 800.0, None, None),
    LOADS[2]: (None, None, 2.7, 1.5),
    LOADS[3]: (None, None, 1.05, 1.0),
    LOADS[4]: (None, None, 1.05, 1.0),
}
Rates = dict[str, Found]


def measure(system: System, ways: Sequence[Way], options: argparse.Namespace) -> None:
    """Measure each load in rounds, one way after the other within each."""
    ceiling = system.ceiling(options.ceiling)
    loads = [LOADS[row - 1] for row in options.rows]
    found = {load: _rounds(system, ways, load, options) for load in loads}
    names = [way.name for way in ways]
    table = [
        (load.scaled(options.scale).title, *(str(rates[name]) for name in names), _shown(load))
        for load, rates in found.items()
    ]
    heads = ("events a second", *names, "ceiling")
    alloy = (
        f"Rounds: {options.rounds}, the median with the lowest and highest. A row ends after"
        f" {options.bound:.0f} s, with the rate so far. The Alloy of all of them"
        f" takes {ceiling:,.0f} calls a second on a core of its own."
    )
    reached = [
        goal
        for load, rates in found.items()
        for goal in _goals(load.scaled(options.scale).title, load, rates)
    ]
    packages = {way.package: way.version for way in ways if way.package}
    finish(
        "rates",
        options,
        grid(heads, table, numbers={*range(1, len(heads))}),
        alloy,
        goals(reached),
        f"{circumstances(packages)}; {system.database()}.",
    )


def curve(system: System, ways: Sequence[Way], options: argparse.Namespace) -> None:
    """Measure the rate over the number of calls at a time."""
    lines: dict[str, list[tuple[float, float]]] = {way.name: [] for way in ways}
    for at_once in options.curve:
        load = Load(15 * at_once, 1, at_once, 0.1)
        for name, found in _rounds(system, ways, load, options).items():
            lines[name].append((at_once, found.rate))
    heads = ("calls at a time, Alloy 100 ms", *map(str, options.curve))
    rows = [(name, *(f"{rate:,.0f}" for _, rate in line)) for name, line in lines.items()]
    drawn = Plot("outbox-rate", lines, x="calls at a time", y="events a second")
    table = grid(heads, rows, numbers={*range(1, len(heads))})
    text = f"The median of {options.rounds}. {circumstances()}."
    finish("curve", options, table, text, plots=[drawn])


def _rounds(system: System, ways: Sequence[Way], load: Load, options: argparse.Namespace) -> Rates:
    rates = {way.name: Found([]) for way in ways}
    for _ in range(options.rounds):
        for way in ways:
            once = _rate(system, way, load.scaled(options.scale), options.bound)
            total = rates[way.name]
            total.rates += once.rates
            total.out_of_order += once.out_of_order
            total.stopped_after = max(total.stopped_after, once.stopped_after)
    return rates


def _rate(system: System, way: Way, load: Load, bound: float) -> Found:
    """Have one way send one load, for so many seconds at most; its start does not count."""
    system.have_alloy(delay=load.delay)
    way.begin_with(system, load.orders, load.each)
    way.start(system, load.at_once)
    system.wait_for_calls()
    is_done = system.wait_for(load.orders * load.each, seconds=bound)
    stopped, calls = time.time(), system.calls()
    system.stop()
    if not calls:
        raise RuntimeError(f"{way.name} has sent nothing within 30 s.")
    ends = calls[-1].at + load.delay if is_done else stopped
    rate = len(calls) / max(ends - calls[0].at, 0.001)
    found = Found([rate], way.out_of_order(calls))
    found.stopped_after = 0.0 if is_done else bound
    print(f"{load.title}: {way.name} {found}", flush=True)
    return found


def _goals(title: str, load: Load, rates: Rates) -> list[Goal]:
    share, rate, tasks, peer = GOALS[load]
    ours = rates[OURS].rate
    durable = [
        (found.rate, name)
        for name, found in rates.items()
        if name not in (OURS, TASKS) and not found.out_of_order
    ]
    best, whose = max(durable, default=(None, "the best durable peer"))
    wanted = [
        ("of the ceiling", share, load.ceiling),
        ("events a second", rate, 1.0),
        (": task.delay()", tasks, rates[TASKS].rate if TASKS in rates else None),
        (f": {whose}", peer, best),
    ]
    return [
        Goal(f"{title}: ours {what}", ours / of if of else None, least=least)
        for what, least, of in wanted
        if least is not None
    ]


def _shown(load: Load) -> str:
    return f"{load.ceiling:,.0f}" if load.ceiling else ""
