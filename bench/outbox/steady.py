"""The outbox over minutes: does its sender's memory stay flat, and does it keep Alloy's limit?"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import linear_regression, median

from bench.outbox.system import System, fill
from bench.outbox.ways import Way, ours
from bench.report import Goal, circumstances, finish, goals, grid

AT_ONCE = 50
LIMIT = 100
SECONDS_TO_FEEL_FOR_IT = 30


def memory(system: System, ways: Sequence[Way], options: argparse.Namespace) -> None:
    """Send so many events a second for so many minutes; say what memory that takes."""
    system.have_alloy(delay=0.02)
    ours().begin_with(system, options.steady, 1)
    ours().start(system, AT_ONCE)
    system.wait_for_calls()
    seconds = 60 * options.minutes
    samples = [
        (second, system.memory()) for second in _each_second(seconds) if _publish(options.steady)
    ]
    system.stop()
    warm = samples[len(samples) // 4 :]
    slope = 60 * linear_regression(*zip(*warm, strict=True)).slope
    tenth = max(len(warm) // 10, 1)
    first, last = (median(size for _, size in part) for part in (warm[:tenth], warm[-tenth:]))
    rows = [
        ("events sent", f"{system.taken():,}"),
        ("once it was warm, MiB", f"{first:.1f}"),
        ("at the end, MiB", f"{last:.1f}"),
        ("MiB more each minute", f"{slope:+.3f}"),
    ]
    about = f"`manage.py relay`, {options.steady} events a second for {options.minutes:g} minutes"
    table = grid((about, ""), rows, numbers={1})
    wanted = [Goal("growth of its memory", 100 * (last / first - 1), most=5, unit=" %")]
    finish("memory", options, table, goals(wanted), f"{circumstances()}.")


def limit(system: System, ways: Sequence[Way], options: argparse.Namespace) -> None:
    """Have more wait than Alloy's limit lets through; say how much was refused, and was used."""
    warm = min(SECONDS_TO_FEEL_FOR_IT, options.limited // 2)
    system.have_alloy(delay=0.02, limit=LIMIT)
    ours().begin_with(system, 2 * LIMIT * (options.limited + warm), 1)
    ours().start(system, AT_ONCE)
    system.wait_for_calls()
    time.sleep(warm)
    system.forget_calls()
    time.sleep(options.limited)
    statuses = Counter(call.status for call in system.calls())
    system.stop()
    system.empty()
    refused = 100 * statuses[429] / max(statuses.total(), 1)
    used = 100 * statuses[200] / (LIMIT * options.limited)
    wanted = [
        Goal("refused with 429", refused, most=5, unit=" %"),
        Goal("used of the limit", used, least=90, unit=" %"),
    ]
    about = (
        f"An Alloy that takes {LIMIT} calls a second, and more waiting than that:"
        f" {options.limited} s, after {warm} s to feel for it. {circumstances()}."
    )
    finish("limit", options, goals(wanted), about)


def _each_second(seconds: float) -> Iterator[float]:
    began = time.monotonic()
    for second in range(int(seconds)):
        time.sleep(max(began + second - time.monotonic(), 0))
        yield float(second)


def _publish(events: int) -> bool:
    fill(groups=events)
    return True
