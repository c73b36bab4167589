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
ORDERS = 2 * AT_ONCE
"""As many again as a kill can hold up, so that there is work for the next sender meanwhile."""
UNTIL_KILLED = 100
"""Events that are sent before the kill."""
SHARE_OF_OTHERS = 2
"""They need up to two minutes after each kill: so they are killed half as often."""
ARRIVING = 0.5
"""Seconds around a kill in which calls that it met arrive."""

Cost = tuple[int, int, int, float]
"""Events lost, out of order and sent twice; and the seconds until every order went on."""


def measure(system: System, ways: Sequence[Way], options: argparse.Namespace) -> None:
    """Kill each way's sender at work, and start another one; once all is sent, again."""
    found = {}
    for way in ways:
        is_ours = way.name.startswith(OURS)
        kills = options.kills if is_ours else -(-options.kills // SHARE_OF_OTHERS)
        found[way.name] = [_kill(system, way) for _ in range(kills)]
        print(f"killed: {way.name} {found[way.name]}", flush=True)
    heads = ("sender killed", "times", "lost", "out of order", "twice", "back after at most")
    rows = [
        (name, f"{len(costs)}", *(f"{each:,}" for each in sums), f"{back:,.1f} s")
        for name, costs in found.items()
        for *sums, back in [_total(costs)]
    ]
    wanted = [
        goal
        for name, costs in found.items()
        if name.startswith(OURS)
        for goal in _goals(name, *_total(costs), len(costs))
    ]
    size = f"{ORDERS * EACH:,} events of {ORDERS:,} orders for each kill, {AT_ONCE} calls at a time"
    text = f"{size}, Alloy 20 ms. {circumstances()}."
    finish("kills", options, grid(heads, rows, numbers={1, 2, 3, 4, 5}), goals(wanted), text)


def _total(costs: Sequence[Cost]) -> Cost:
    lost, backward, twice, back = zip(*costs, strict=True)
    return sum(lost), sum(backward), sum(twice), max(back)


def _goals(name: str, lost: int, backward: int, twice: int, back: float, kills: int) -> list[Goal]:
    return [
        Goal(f"{name}: lost", lost, most=0),
        Goal(f"{name}: out of order", backward, most=0),
        Goal(f"{name}: twice", twice, most=AT_ONCE * kills),
        Goal(f"{name}: back after", back, most=10, unit=" s"),
    ]


def _kill(system: System, way: Way) -> Cost:
    """Kill a sender at work, and have another one send the rest."""
    system.have_alloy(delay=0.02)
    way.begin_with(system, ORDERS, EACH)
    way.start(system, AT_ONCE)
    system.wait_for_calls()
    system.wait_for(UNTIL_KILLED, seconds=way.recovers_within, look_every=0.02)
    killed = time.time()
    system.kill()
    way.start(system, AT_ONCE)
    _wait_until_nothing_comes(system, ORDERS * EACH, way.recovers_within)
    time.sleep(max(killed + way.recovers_within - time.time(), 0))  # for what it begins anew
    system.stop()
    calls = system.calls()
    keys = {call.key for call in calls}
    back = _back_after(way, calls, killed)
    return ORDERS * EACH - len(keys), way.out_of_order(calls), len(calls) - len(keys), back


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
