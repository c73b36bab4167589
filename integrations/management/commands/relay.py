"""Work through inbox and outbox without Celery and without a broker.

Run one beside the workers in production: it is what keeps events flowing while Redis is gone. Any
number may run; they share the work as Celery's workers do.
"""

from __future__ import annotations

import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from integrations.inbox import process
from integrations.outbox import relay
from integrations.provisioning import provision_some_missing

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Looks for due rows every `--interval` seconds until it is told to stop."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--interval", type=float, default=2.0, help="Seconds between two looks."
        )
        parser.add_argument("--once", action="store_true", help="Do what is due, then stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        _work()
        while not options["once"] and not stop.wait(options["interval"]):
            _work()


def _work() -> None:
    close_old_connections()
    try:
        provision_some_missing()
        process.sweep(seconds=5.0)
        relay.sweep(seconds=5.0)
    except DatabaseError as error:
        log.warning("database_unreachable", error=str(error))
