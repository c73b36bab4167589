"""Work through inbox and outbox without Celery and without a broker.

Run one beside the workers in production: it is what keeps events flowing while Redis is gone. Any
number may run; they share the work as Celery's workers do. On PostgreSQL each is notified of new
work when it is committed; elsewhere it looks every `--interval` seconds.
"""

from __future__ import annotations

import signal
from argparse import ArgumentTypeError
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections, connections

from integrations import database, inbox
from integrations.outbox.relay import SENDERS, Relay
from integrations.tasks import maintain
from integrations.wake import Hint, listen

log = structlog.get_logger(__name__)

SECONDS_PER_LOOK = 5.0


class Command(BaseCommand):
    """Sends with one loop; other threads receive and do maintenance; until told to stop."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--interval", type=float, default=1.0, help="Seconds between two looks when idle."
        )
        parser.add_argument(
            "--threads", type=_at_least_one, default=SENDERS, help="Messages to send at a time."
        )
        parser.add_argument(
            "--listen-on",
            default=database.alias(),
            metavar="DATABASE",
            help="The one in DATABASES that notifies of new work, reached without a pooler.",
        )
        parser.add_argument("--once", action="store_true", help="Do what is due, then stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        self._relay, self._stop, self._received = Relay(options["threads"]), Event(), Event()
        send = lambda: self._relay.run(self._stop, interval=options["interval"])  # noqa: E731
        if options["once"]:
            self._stop.set()
            send = lambda: self._relay.drain(seconds=SECONDS_PER_LOOK)  # noqa: E731
        else:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._end)
        self._work(send, options["interval"], options["listen_on"])

    def _work(self, send: Callable[[], None], interval: float, listen_on: str) -> None:
        hints = {Hint.SEND: self._relay.wake, Hint.PROCESS_DELIVERIES: self._received.set}
        loops: list[Callable[[], object]] = [
            lambda: listen(hints, stop=self._stop, using=listen_on),
            lambda: self._repeat(_receive, lambda: self._wait_for_deliveries(interval)),
            lambda: self._repeat(maintain, lambda: self._stop.wait(60)),
        ]
        with ThreadPoolExecutor(len(loops)) as threads:
            beside = [threads.submit(self._until_it_ends, loop) for loop in loops]
            self._until_it_ends(send)
        for loop in beside:
            loop.result()

    def _end(self, *_: object) -> None:
        self._stop.set()
        self._received.set()
        self._relay.wake()

    def _until_it_ends(self, loop: Callable[[], object]) -> None:
        """Run a loop; if it fails, end them all: the supervisor starts the command again."""
        try:
            loop()
        except BaseException:
            self._end()
            raise
        finally:
            connections.close_all()

    def _repeat(self, task: Callable[[], object], pause: Callable[[], object]) -> None:
        """Do it at least once, and again after each pause."""
        while True:
            close_old_connections()
            try:
                task()
            except Error as error:
                log.warning("database_unreachable", error=str(error))
            if self._stop.is_set():
                return
            pause()

    def _wait_for_deliveries(self, interval: float) -> None:
        self._received.wait(interval)
        self._received.clear()


def _receive() -> None:
    inbox.sweep(seconds=SECONDS_PER_LOOK)


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("At least one thread is needed.")
    return number
