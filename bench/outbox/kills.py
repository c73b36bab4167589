"""What it costs when the sender is killed again and again: lost, out of order, twice, and time."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence

from bench.outbox.system import Call, System
from bench.outbox.ways import OURS, Way
from bench.report import Goal, circumstances, finish, goals, grid

AT_ONCE = 20
EACH = 10
ORDERS_A_KILL = 2 * AT_ONCE
"""As many again as a kill can hold up, so that there is work for the next sender meanwhile."""
BETWEEN_KILLS = 100
ARRIVING = 0.5
"""Seconds around a kill in which calls that it met arrive."""


def measure(system: System, ways: Sequence[Way], options: argparse.Namespace) -> None:
    """Kill each way's sender so many times while it works, and start another one at once."""
    orders = ORDERS_A_KILL * options.kills
    found = {way.name: _kills(system, way, orders, options.kills) for way in ways}
    heads = ("sender killed", "lost", "out of order", "twice", "back after at most")
    rows = [
        (name, *(f"{figure:,}" for figure in figures[:3]), f"{figures[3]:,.1f} s")
        for name, figures in found.items()
    ]
    ours = {name: each for name, each in found.items() if name.startswith(OURS)}
    wanted = [goal for name in ours for goal in _goals(name, *ours[name], options.kills)]
    size = f"{orders * EACH:,} events of {orders:,} orders, {AT_ONCE} calls at a time"
    text = f"{options.kills} kills of each, {size}, Alloy 20 ms. {circumstances()}."
    finish("kills", options, grid(heads, rows, numbers={1, 2, 3, 4}), goals(wanted), text)


def _goals(name: str, lost: int, backward: int, twice: int, back: float, kills: int) -> list[Goal]:
    return [
        Goal(f"{name}: lost", lost, most=0),
        Goal(f"{name}: out of order", backward, most=0),
        Goal(f"{name}: twice", twice, most=AT_ONCE * kills),
        Goal(f"{name}: back after", back, most=10, unit=" s"),
    ]


def _kills(system: System, way: Way, orders: int, kills: int) -> tuple[int, int, int, float]:
    """Return how many events were lost, out of order and sent twice; and the seconds to go on."""
    system.have_alloy(delay=0.02)
    way.begin_with(system, orders, EACH)
    way.start(system, AT_ONCE)
    system.wait_for_calls()
    moments = []
    for _ in range(kills):
        more = system.taken() + BETWEEN_KILLS
        system.wait_for(more, seconds=way.recovers_within, look_every=0.05)
        system.kill()
        moments.append(time.time())
        way.start(system, AT_ONCE)
    _wait_until_nothing_comes(system, orders * EACH, way.recovers_within)
    system.stop()
    calls = system.calls()
    keys = {call.key for call in calls}
    back = max((_back_after(way, calls, moment) for moment in moments), default=0.0)
    found = orders * EACH - len(keys), way.out_of_order(calls), len(calls) - len(keys), back
    print(f"{kills} kills: {way.name} {found}", flush=True)
    return found


def _wait_until_nothing_comes(system: System, events: int, patience: float) -> None:
    taken = -1
    while taken < (taken := system.taken()) and not system.wait_for(events, seconds=patience):
        pass


def _back_after(way: Way, calls: Sequence[Call], killed: float) -> float:
    """Return the seconds until every order went on that the kill met at work."""
    order_of = {key: order for key, (order, _) in way.places(call.key for call in calls).items()}
    done = Counter(order_of[call.key] for call in calls if call.at <= killed)
    met = {order_of[call.key] for call in calls if abs(call.at - killed) < ARRIVING}
    went_on = {
        order_of[call.key]: call.at - killed
        for call in reversed(calls)
        if call.at > killed + ARRIVING
    }
    return max((went_on[each] for each in met & went_on.keys() if done[each] < EACH), default=0.0)
