"""How senders share the work and find Alloy's limit, simulated up to a thousand hosts.

    python -m bench.simulation --measured var/hosts.json --write

reads what `bench.hosts` measured with one host, predicts its runs with more, and puts tables and
plots into docs/scaling.md. A host has one sender process, which uses one core; each of its calls
passes that core, Alloy, and the database's cores, and waits for its turn at the senders' loop. The
pace at which hosts feel for Alloy's limit is the product's own code, on the simulation's clock.

`--cores` are those of the machine that was measured; `--cpu-ms` and `--database-ms` what an event
takes of a core of a busy host, and of the database.

Left out: failures other than 429, orders with more events than are sent at once, and a network
that is slower than what was measured.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import simpy

from bench.options import options as parse
from bench.report import Plot, finish, grid
from integrations.outbox.pace import Pace

HOSTS = (1, 2, 4, 10, 30, 100, 200, 300, 500, 1000)
AT_ONCE = 8
"""Calls of a host: the relay's own default."""
Steps = Generator[simpy.Event, Any, None]


@dataclass(frozen=True)
class World:
    """What is simulated; times in seconds, `cpu` and `database` of one core for one event.

    `limit`: calls a second that Alloy takes in all. `one_machine`: so many cores do everybody's
    work, as on the machine that was measured; otherwise each host has one, the database its own.
    """

    hosts: int
    at_once: int
    alloy: float
    cpu: float
    database: float
    turn: float = 0.0
    database_cores: int = 8
    limit: float = math.inf
    one_machine: int = 0


@dataclass
class Run:
    """What came of it, after the time in which everything finds its pace."""

    seconds: float
    taken: int = 0
    refused: int = 0
    stays: list[float] = field(default_factory=list)
    by_second: Counter[int] = field(default_factory=Counter)
    presence: float = 0.0

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.taken / self.seconds

    @property
    def present(self) -> float:
        """How many calls were under way on average, from the core to the settled row."""
        return self.presence / self.seconds


class _Simulation:
    """Senders that always have a next event: a backlog."""

    def __init__(self, world: World, warm_up: float, seconds: float) -> None:
        self.world, self.warm_up, self.run = world, warm_up, Run(seconds)
        self.clock = simpy.Environment()
        everybody = simpy.Resource(self.clock, world.one_machine) if world.one_machine else None
        self.database = everybody or simpy.Resource(self.clock, world.database_cores)
        for _ in range(world.hosts):
            core = everybody or simpy.Resource(self.clock, 1)
            pace = Pace(clock=lambda: float(self.clock.now))
            for number in range(world.at_once):
                self.clock.process(self._sender(number, core, pace))
        self.clock.run(until=warm_up + seconds)

    def _sender(self, number: int, core: simpy.Resource, pace: Pace) -> Steps:
        # Nobody starts two hosts in the same moment.
        yield self.clock.timeout(random.uniform(0, self.world.alloy))  # noqa: S311
        while True:
            if number >= pace.window(self.world.at_once):
                yield self.clock.timeout(2)
                continue
            yield self.clock.timeout(pace.reserve())
            came = self.clock.now
            yield from self._use(core, self.world.cpu)
            yield from self._call(pace)
            yield from self._use(self.database, self.world.database)
            yield self.clock.timeout(self.world.turn)
            self._note_stay(came)

    def _use(self, resource: simpy.Resource, seconds: float) -> Steps:
        with resource.request() as turn:
            yield turn
            yield self.clock.timeout(seconds)

    def _call(self, pace: Pace) -> Steps:
        began = float(self.clock.now)
        yield self.clock.timeout(self.world.alloy)
        is_taken = self.run.by_second[int(self.clock.now)] < self.world.limit
        if is_taken:
            self.run.by_second[int(self.clock.now)] += 1
            pace.taken()
        else:
            pace.refused(began=began)
        if self.clock.now >= self.warm_up:
            self.run.taken += is_taken
            self.run.refused += not is_taken

    def _note_stay(self, came: float) -> None:
        begins, ends = max(came, self.warm_up), self.clock.now
        self.run.presence += max(ends - begins, 0)
        if came >= self.warm_up:
            self.run.stays.append(ends - came)


def simulate(world: World, *, warm_up: float = 1.0, seconds: float = 2.0, seed: int = 1) -> Run:
    """Simulate so many seconds; the same seed gives the same run."""
    random.seed(seed)
    return _Simulation(world, warm_up, seconds).run


def calibrated(measured: dict[str, Any], *, database: float, cores: int) -> World:
    """Return the machine that was measured with one host.

    What a call's round takes beyond Alloy and the cores' work, is the wait for its turn.
    """
    round_trip = measured["at_once"] / measured["rate"]
    cpu, alloy = measured["cpu_ms_per_event"] / 1000, measured["alloy_seconds"]
    turn = max(round_trip - alloy - cpu - database, 0.0)
    return World(1, measured["at_once"], alloy, cpu, database, turn, one_machine=cores)


def predictions(measured: Sequence[dict[str, Any]], world: World) -> list[tuple[str, ...]]:
    """Return a row for each measured run: hosts, measured, simulated, how far off."""
    rows: list[tuple[str, ...]] = []
    for each in measured:
        found = simulate(replace(world, hosts=each["hosts"]), seconds=20).rate
        off = f"{100 * (found / each['rate'] - 1):+.1f} %"
        rows.append((str(each["hosts"]), f"{each['rate']:,.1f}", f"{found:,.1f}", off))
    return rows


def main() -> int:
    """Compare with what was measured, then draw what nobody has the machines for."""
    file, write = "var/hosts.json", "docs/scaling.md"
    options = parse(writes=write, measured=file, cores=2, cpu_ms=0.94, database_ms=0.26)
    measured = json.loads(Path(options.measured).read_text())["growth"]
    world = calibrated(measured[0], database=options.database_ms / 1000, cores=options.cores)
    heads = ("hosts", "measured, events a second", "simulated", "off by")
    table = grid(heads, predictions(measured, world), numbers={0, 1, 2, 3})
    finish("prediction", options, table, document="scaling.md")
    alone = replace(world, one_machine=0, cpu=options.cpu_ms / 1000, alloy=0.1, at_once=AT_ONCE)
    growth = {
        "database of 8 cores": _curve(alone),
        "of 16 cores": _curve(replace(alone, database_cores=16)),
        "eight shards of 8 cores": _curve(replace(alone, database_cores=64)),
    }
    limited = _limited(replace(alone, database_cores=32, limit=1000))
    _tell("curves", options, Plot("scaling-hosts", growth, "hosts", "events a second"))
    _tell("limit", options, Plot("scaling-limit", limited, "hosts", "calls a second"))
    return 0


Curve = list[tuple[float, float]]


def _curve(world: World) -> Curve:
    return [(count, simulate(replace(world, hosts=count)).rate) for count in HOSTS]


def _limited(world: World) -> dict[str, Curve]:
    """Return what is taken and what is refused once all have found the limit."""
    runs = {n: simulate(replace(world, hosts=n), warm_up=30, seconds=10) for n in HOSTS}
    return {
        "taken": [(count, run.rate) for count, run in runs.items()],
        "refused, 429": [(count, run.refused / run.seconds) for count, run in runs.items()],
    }


def _tell(section: str, options: argparse.Namespace, plot: Plot) -> None:
    found = zip(HOSTS, *([rate for _, rate in line] for line in plot.lines.values()), strict=True)
    rows = [tuple(f"{each:,.0f}" for each in row) for row in found]
    table = grid(("hosts", *plot.lines), rows, numbers={*range(len(rows[0]))})
    finish(section, options, table, plots=[plot], document="scaling.md")


if __name__ == "__main__":
    sys.exit(main())
