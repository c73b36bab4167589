"""Is the outbox as fast when a million events wait, and when ten million have been delivered?"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from statistics import median

from bench.outbox.system import System, fill
from bench.outbox.ways import Way, ours
from bench.report import Goal, Plot, circumstances, finish, goals, grid
from bench.timing import ms, percentile, times

AT_ONCE = 50
EACH_DELIVERED = 4
"""Messages of a group that was delivered."""


def measure(system: System, ways: Sequence[Way], options: argparse.Namespace) -> None:
    """Measure the outbox at each size, and compare it with the smallest."""
    system.have_alloy()
    system.empty()
    few = options.events
    sizes = dict.fromkeys([(few, 0), (options.waiting, 0), (options.waiting, options.delivered)])
    found = {}
    for waiting, delivered in sizes:
        title = f"{waiting:,} waiting, {delivered:,} delivered"
        rates, claims = [], list[float]()
        for _ in range(options.rounds):
            _grow(waiting=waiting, delivered=delivered)
            system.analyze()
            print(f"{title}: filled", flush=True)
            claims += _time_claims(few)
            rates.append(_rate(system, few))
            print(f"{title}: {rates[-1]:,.0f}, claims {ms(percentile(claims, 95))}", flush=True)
        found[title] = (median(rates), percentile(claims, 50), percentile(claims, 95))
    rate, half, most = next(iter(found.values()))
    rows = [
        (
            *(title, f"{each[0]:,.0f}", times(each[0] / rate)),
            *(ms(each[1]), times(each[1] / half), ms(each[2]), times(each[2] / most)),
        )
        for title, each in found.items()
    ]
    heads = ("outbox", "events a second", "", "claim p50", "", "claim p95", "")
    last = list(found.values())[-1]
    wanted = [
        Goal(f"{title}: of the rate", last[0] / rate, least=0.9),
        Goal(f"{title}: times the claim's p95", last[2] / most, most=1.3),
    ]
    lines = {
        f"{options.delivered:,} delivered" if delivered else "none delivered": [
            (waiting, found[f"{waiting:,} waiting, {done:,} delivered"][0])
            for waiting, done in sizes
            if done == delivered
        ]
        for _, delivered in sizes
    }
    system.empty()
    finish(
        "backlog",
        options,
        grid(heads, rows, numbers={1, 2, 3, 4, 5, 6}),
        goals(wanted),
        f"{options.rounds} times {few:,} events and claims at each size. {circumstances()}.",
        plots=[Plot("outbox-backlog", lines, x="events waiting", y="events a second")],
    )


def _rate(system: System, events: int) -> float:
    """Return the events a second that are sent of those that wait."""
    system.have_alloy()
    ours().start(system, AT_ONCE)
    system.wait_for(events, seconds=60)
    system.stop()
    calls = system.calls()[:events]
    return len(calls) / (calls[-1].at - calls[0].at)


def _time_claims(count: int) -> list[float]:
    """Claim so many groups one after the other, as the relay does, and give them back."""
    from integrations import conf
    from integrations.outbox import fast_path, transitions

    seconds, attempts = [], []
    for _ in range(count):
        began = time.perf_counter()
        attempts += fast_path.claim(beside=[], limit=1, lease=conf.lease())
        seconds.append(time.perf_counter() - began)
    transitions.cancel(attempts)
    return seconds


def _grow(*, waiting: int, delivered: int) -> None:
    """Add what is missing for so many messages to wait, and so many to have been delivered."""
    from integrations.models import Message

    events = Message.objects.filter(kind="event")
    fill(groups=waiting - events.filter(state="waiting").count())
    missing = delivered - events.filter(state="delivered").count()
    fill(groups=missing // EACH_DELIVERED, each=EACH_DELIVERED, attempts=1)
