"""A flood of forged webhooks, and genuine ones beside it. `python -m bench.forgeries --help`.

The flood comes over eight connections, each sending as soon as it was answered; genuine webhooks
come at a steady rate over eight others, and the time to their answer counts from the moment they
were due. All of it is on one machine: web server, PostgreSQL, Redis and both senders.
"""

from __future__ import annotations

import argparse
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, takewhile
from multiprocessing import get_context
from multiprocessing.connection import Connection

from bench.options import options as parse
from bench.posting import Answers, Receiver, ask, forged, receiver, send
from bench.report import Goal, circumstances, finish, goals, grid
from bench.timing import ms, percentile

CONNECTIONS = 8
PHASES = ("genuine", "forged", "both")


def main() -> int:
    """Measure and print the table; return 1 when a forgery got anything but a refusal."""
    options = parse(small={"seconds": 1, "rounds": 1}, seconds=10, rate=20, rounds=4)
    genuine = {phase: Answers() for phase in PHASES}
    flood = {phase: Answers() for phase in PHASES}
    with receiver(postgres=not options.small) as acmeco:
        send(acmeco.port, [acmeco.order() for _ in range(20)], connections=4)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds} ...", flush=True)
            for phase in PHASES:
                play(acmeco, phase, options, genuine=genuine[phase], flood=flood[phase])
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
    *,
    genuine: Answers,
    flood: Answers,
) -> None:
    """Send one or both for some seconds, and add up what came of it."""
    signed = [acmeco.order() for _ in range(options.seconds * options.rate)]
    ours, theirs = get_context("spawn").Pipe()
    other = get_context("spawn").Process(target=_flood, args=(theirs, acmeco.port, options.seconds))
    if phase != "genuine":
        other.start()
        ours.recv()
    if phase != "forged":
        _add(genuine, _steadily(acmeco.port, signed, options.rate))
    if phase != "genuine":
        _add(flood, ours.recv())
        other.join()


def tables(
    genuine: dict[str, Answers], flood: dict[str, Answers], insert: Answers
) -> tuple[str, str]:
    """Return the figures, and the goals beside them."""
    alone, beside = (genuine[phase].seconds for phase in ("genuine", "both"))
    accepted = genuine["genuine"].statuses + genuine["both"].statuses
    rows = [
        ("refusals per second, nothing else going on", f"{flood['forged'].rate:,.0f}"),
        ("refusals per second beside genuine ones", f"{flood['both'].rate:,.0f}"),
        ("genuine, no flood: p50", ms(percentile(alone, 50))),
        ("genuine, no flood: p99", ms(percentile(alone, 99))),
        ("genuine, in the flood: p50", ms(percentile(beside, 50))),
        ("genuine, in the flood: p99", ms(percentile(beside, 99))),
        ("genuine ones accepted", _counted(accepted)),
    ]
    growth = percentile(beside, 99) / percentile(alone, 99)
    wanted = [
        Goal("refusals : a view of one INSERT", flood["forged"].rate / insert.rate, least=2),
        Goal("p99 in the flood : p99 without", growth, most=2),
    ]
    return grid(("", "figure"), rows, numbers={1}), goals(wanted)


def _steadily(port: int, requests: list[bytes], rate: int) -> Answers:
    """Send them when they are due, over as many connections as the flood has."""
    began, answers = time.perf_counter(), Answers()
    waiting = iter([(began + number / rate, each) for number, each in enumerate(requests)])
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for each in [pool.submit(_some_of, port, waiting, answers) for _ in range(CONNECTIONS)]:
            each.result()
    answers.lasted = time.perf_counter() - began
    return answers


def _some_of(port: int, waiting: Iterator[tuple[float, bytes]], answers: Answers) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for due, request in waiting:
            time.sleep(max(0.0, due - time.perf_counter()))
            answers.statuses[ask(connection, request)] += 1
            answers.seconds.append(time.perf_counter() - due)


def _flood(parent: Connection, port: int, seconds: int) -> None:
    requests = [forged() for _ in range(500)]
    parent.send("ready")
    ends = time.monotonic() + seconds
    endless = takewhile(lambda _: time.monotonic() < ends, cycle(requests))
    parent.send(send(port, endless, connections=CONNECTIONS))


def _add(total: Answers, more: Answers) -> None:
    total.seconds += more.seconds
    total.statuses += more.statuses
    total.lasted += more.lasted


def _counted(statuses: Counter[int]) -> str:
    return ", ".join(f"{status}: {number:,}" for status, number in sorted(statuses.items()))


if __name__ == "__main__":
    sys.exit(main())
