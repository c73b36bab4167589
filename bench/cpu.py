"""What a webhook and an event cost in CPU time: of AcmeCo's processes, and of the database.

`python -m bench.cpu --help`. Unlike rates, these figures hold on a busy machine. The webhooks are
orders; each is accepted by the web server and then processed by one worker. The events are
published one by one, then sent by `manage.py relay`, fifty at a time, to an Alloy that takes
100 ms. `--write` puts the table into docs/scaling.md.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import psutil

from bench.options import options as parse
from bench.outbox.system import running_system
from bench.outbox.ways import publish_one
from bench.posting import receiver, send
from bench.report import circumstances, finish, grid

AT_ONCE = 50


def main() -> int:
    """Measure and print."""
    options = parse(
        small={"webhooks": 50, "events": 50}, writes="docs/scaling.md", webhooks=2_000, events=3_000
    )
    rows = [*_webhooks(options.webhooks), *_events(options.events)]
    heads = ("CPU milliseconds for one", "AcmeCo", "database")
    size = f"{options.webhooks:,} webhooks, {options.events:,} events"
    notes = f"{size}; {circumstances()}."
    finish("cpu", options, grid(heads, rows, numbers={1, 2}), notes, document="scaling.md")
    return 0


def _webhooks(count: int) -> list[tuple[str, ...]]:
    with receiver(postgres=True) as acmeco:
        web, database = (acmeco.stack.process(name).pid for name in ("web", "postgres"))
        send(acmeco.port, [acmeco.order() for _ in range(100)], connections=8)  # wakes all up
        requests = [acmeco.order() for _ in range(count)]
        accept = lambda: send(acmeco.port, requests, connections=8)  # noqa: E731
        accepted = _row("webhook accepted", count, accept, web, database)
        before = _cpu(database)
        done = acmeco.process()
        theirs = (_cpu(database) - before) / done.deliveries
        return [accepted, ("webhook processed", _ms(done.cpu / done.deliveries), _ms(theirs))]


def _events(count: int) -> list[tuple[str, ...]]:
    with running_system() as system:
        database = system.stack.process("postgres").pid
        _publish(1)
        titles = ("event published, its order's first", "event published, a later one")
        rows = [
            _row(each, count, lambda: _publish(count), os.getpid(), database) for each in titles
        ]
        system.have_alloy(delay=0.1)
        system.start("manage.py", "relay", f"--threads={AT_ONCE}")
        system.wait_for(count // 5, seconds=600)
        rest = 2 * count - system.taken()
        send_all = lambda: system.wait_for(2 * count, seconds=600)  # noqa: E731
        return [*rows, _row("event sent", rest, send_all, system.sender, database)]


def _publish(count: int) -> None:
    from accounts.models import User
    from integrations.events import publish

    merchant = User.objects.get()
    for number in range(count):
        publish_one(publish, merchant, number)


def _row(
    title: str, count: int, work: Callable[[], object], ours: int, theirs: int
) -> tuple[str, ...]:
    before = _cpu(ours), _cpu(theirs)
    work()
    return title, *(
        _ms((_cpu(pid) - earlier) / count)
        for pid, earlier in zip((ours, theirs), before, strict=True)
    )


def _cpu(pid: int) -> float:
    """Return the CPU seconds of a process with its children, also of those that have ended.

    All that is started here are this process's children: of it, count itself alone.
    """
    if pid == os.getpid():
        return sum(os.times()[:2])
    process = psutil.Process(pid)
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    ended = times[0].children_user + times[0].children_system
    return float(ended + sum(each.user + each.system for each in times))


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.2f}"


if __name__ == "__main__":
    sys.exit(main())
