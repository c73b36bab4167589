"""Work through inbox and outbox without Celery and without a broker.

Run one beside the workers in production: it is what keeps events flowing while Redis is gone. Any
number may run; they share the work as Celery's workers do.
"""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentTypeError
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections, connections

from integrations import inbox
from integrations.outbox import relay
from integrations.tasks import keep_house

log = structlog.get_logger(__name__)

SECONDS_PER_LOOK = 5.0

Task = Callable[[], object]


class Command(BaseCommand):
    """Looks for due rows every `--interval` seconds, in threads of its own, until told to stop."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--interval", type=float, default=2.0, help="Seconds between two looks."
        )
        parser.add_argument(
            "--threads",
            type=_at_least_one,
            default=8,
            help="How many messages to send at a time; each thread keeps a database connection.",
        )
        parser.add_argument("--once", action="store_true", help="Do what is due, then stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        if options["once"]:
            stop.set()
        often: list[Task] = [_receive, *[_send] * options["threads"]]
        tasks: list[tuple[Task, float]] = [
            (keep_house, 60.0),
            *((task, options["interval"]) for task in often),
        ]
        with ThreadPoolExecutor(len(tasks)) as threads:
            loops = [threads.submit(_repeat, task, seconds, stop) for task, seconds in tasks]
        for loop in loops:
            loop.result()


def _receive() -> None:
    inbox.sweep(seconds=SECONDS_PER_LOOK)


def _send() -> None:
    relay.sweep(seconds=SECONDS_PER_LOOK)


def _repeat(task: Task, interval: float, stop: threading.Event) -> None:
    """Do it at least once. A thread that fails ends them all: whoever supervises starts anew."""
    try:
        _look(task)
        while not stop.wait(interval):
            _look(task)
    finally:
        stop.set()
        connections.close_all()


def _look(task: Task) -> None:
    close_old_connections()
    try:
        task()
    except Error as error:
        log.warning("database_unreachable", error=str(error))


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("At least one thread is needed.")
    return number
