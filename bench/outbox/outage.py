"""What an outage of Alloy costs: calls while it lasts, then the time to catch up."""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from bench.outbox.system import Call, System
from bench.outbox.ways import Way, ours
from bench.report import Goal, circumstances, finish, goals, grid

AT_ONCE = 50
PATIENCE = 180.0
"""Seconds after the outage within which the backlog has to be gone."""


def measure(system: System, ways: Sequence[Way], options: argparse.Namespace) -> None:
    """Play an outage for each Retry-After (seconds, 0: none)."""
    rows, wanted = [], []
    for retry_after in options.retry_after:
        title = f"503, Retry-After: {retry_after}" if retry_after else "503"
        began, ended, calls = _play(system, options, retry_after)
        found = _figures(options, calls, began=began, ended=ended)
        rows.append((title, *(f"{figure:,.4g}" for figure in found.values())))
        print(f"{title}: {found}", flush=True)
        wanted += [
            Goal(f"{title}: all taken after", found["last taken, s after"], most=30, unit=" s"),
            Goal(f"{title}: lost or taken twice", found["lost"] + found["twice"], most=0),
            Goal(f"{title}: before its Retry-After", _early(calls, retry_after), most=0),
        ]
    heads = ("outage", *found)
    text = f"{options.waited:,} events wait for {options.outage} s, {AT_ONCE} calls at a time."
    table = grid(heads, rows, numbers={*range(1, len(heads))})
    finish("outage", options, table, goals(wanted), f"{text} {circumstances()}.")


def _play(
    system: System, options: argparse.Namespace, retry_after: int
) -> tuple[float, float, list[Call]]:
    """Return when the outage began and ended, and all calls."""
    system.have_alloy(delay=0.02, status=503, retry_after=retry_after)
    ours().begin_with(system, options.waited, 1)
    ours().start(system, AT_ONCE)
    system.wait_for_calls()
    began = time.time()
    time.sleep(options.outage)
    system.have_alloy(forget=False, delay=0.02)
    ended = time.time()
    system.wait_for(options.waited, seconds=PATIENCE)
    system.stop()
    return began, ended, system.calls()


def _figures(
    options: argparse.Namespace, calls: Sequence[Call], *, began: float, ended: float
) -> dict[str, float]:
    taken = [call for call in calls if call.status == 200]
    minutes = Counter(int((call.at - began) / 60) for call in calls if call.at < ended)
    keys = {call.key for call in taken}
    return {
        "calls, first minute": minutes[0],
        "calls, later": minutes.total() - minutes[0],
        "first taken, s after": taken[0].at - ended if taken else PATIENCE,
        "last taken, s after": taken[-1].at - ended if taken else PATIENCE,
        "lost": options.waited - len(keys),
        "twice": len(taken) - len(keys),
    }


def _early(calls: Sequence[Call], retry_after: int) -> int:
    """Count calls that came sooner after a refusal of the same event than it had asked for."""
    by_event = defaultdict[str, list[Call]](list)
    for call in calls:
        by_event[call.key].append(call)
    return sum(
        refused.at + retry_after > again.at
        for tries in by_event.values()
        for refused, again in pairwise(tries)
    )
