"""A flood of forged webhooks, and genuine ones beside it. `python -m bench.forgeries --help`.

The flood comes over eight connections, each sending as soon as it was answered; genuine webhooks
come at a steady rate over eight others, and the time to their answer counts from the moment they
were due. All of it is on one machine: web server, PostgreSQL, Redis and both senders.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import Executor, ProcessPoolExecutor
from itertools import cycle, takewhile
from multiprocessing import get_context

from bench.options import options as parse
from bench.posting import Answers, Receiver, forged, receiver, send
from bench.report import Goal, circumstances, finish, goals, grid
from bench.timing import ms, percentile

CONNECTIONS = 8
PHASES = ("genuine", "forged", "both")
ByPhase = defaultdict[str, Answers]


def main() -> int:
    """Measure and print the table; return 1 when a forgery got anything but a refusal."""
    options = parse(small={"seconds": 1, "rounds": 1}, seconds=10, rate=20, rounds=4)
    genuine, flood = ByPhase(Answers), ByPhase(Answers)
    other = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    with receiver(postgres=not options.small) as acmeco, other:
        other.submit(forged).result()  # the process is there
        send(acmeco.port, [acmeco.order() for _ in range(20)], connections=4)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds} ...", flush=True)
            for phase in PHASES:
                play(acmeco, phase, options, other, genuine=genuine, flood=flood)
        plain = [acmeco.plain_order() for _ in range(options.rate * options.seconds)]
        insert = send(acmeco.port, plain, connections=CONNECTIONS)
    refused = flood["forged"].statuses + flood["both"].statuses
    about = f"The forged ones were answered {_counted(refused)}. {circumstances()}."
    finish("forgeries", options, *tables(genuine, flood, insert), about)
    return int(not refused.keys() <= {401, 429})


def play(
    acmeco: Receiver,
    phase: str,
    options: argparse.Namespace,
    other: Executor,
    *,
    genuine: ByPhase,
    flood: ByPhase,
) -> None:
    """Send one or both for some seconds, and add up what came of it."""
    rate = options.rate
    signed = [acmeco.order() for _ in range(options.seconds * rate)]
    if phase != "genuine":
        beside = other.submit(_flood, acmeco.port, options.seconds)
    if phase != "forged":
        genuine[phase] += send(acmeco.port, signed, connections=CONNECTIONS, rate=rate)
    if phase != "genuine":
        flood[phase] += beside.result()


def tables(genuine: ByPhase, flood: ByPhase, insert: Answers) -> tuple[str, str]:
    """Return the figures, and the goals beside them."""
    alone, beside = (genuine[phase].seconds for phase in ("genuine", "both"))
    rows = [
        ("refusals per second, nothing else going on", f"{flood['forged'].rate:,.0f}"),
        ("refusals per second beside genuine ones", f"{flood['both'].rate:,.0f}"),
        ("genuine, no flood: p50", ms(percentile(alone, 50))),
        ("genuine, no flood: p99", ms(percentile(alone, 99))),
        ("genuine, in the flood: p50", ms(percentile(beside, 50))),
        ("genuine, in the flood: p99", ms(percentile(beside, 99))),
        ("genuine ones accepted", _counted(genuine["genuine"].statuses + genuine["both"].statuses)),
    ]
    growth = percentile(beside, 99) / percentile(alone, 99)
    wanted = [
        Goal("refusals : a view of one INSERT", flood["forged"].rate / insert.rate, least=2),
        Goal("p99 in the flood : p99 without", growth, most=2),
    ]
    return grid(("", "figure"), rows, numbers={1}), goals(wanted)


def _flood(port: int, seconds: int) -> Answers:
    requests = [forged() for _ in range(500)]
    ends = time.monotonic() + seconds
    endless = takewhile(lambda _: time.monotonic() < ends, cycle(requests))
    return send(port, endless, connections=CONNECTIONS)


def _counted(statuses: Counter[int]) -> str:
    return ", ".join(f"{status}: {number:,}" for status, number in sorted(statuses.items()))


if __name__ == "__main__":
    sys.exit(main())
