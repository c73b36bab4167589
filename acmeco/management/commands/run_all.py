"""`make run`: everything on this machine, from one terminal."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from acmeco.launcher.console import Console
from acmeco.launcher.everything import Everything
from acmeco.launcher.processes import LaunchError, Processes, Stopped
from acmeco.launcher.single import only_one_run


class Command(BaseCommand):
    help = "Run web, worker, beat, Redis and the sandbox together, for development and the demo."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all-logs", action="store_true", help="Print all logs, not only the warnings."
        )

    def handle(self, *, all_logs: bool, **_: Any) -> None:
        console = Console(everything=all_logs)
        data = settings.BASE_DIR / "var"
        try:
            with (
                only_one_run(data),
                Processes(logs=data / "logs", echo=console.echo, stop_asked=stop_asked()) as parts,
            ):
                Everything(parts, console, data=data).run()
        except Stopped:
            console.say("\nStopped.")
        except LaunchError as error:
            console.say(f"\n{error}")
            sys.exit(1)
        except OSError as error:
            console.say(f"\nA file or folder cannot be used: {error}.")
            sys.exit(1)


def stop_asked() -> threading.Event:
    """Return what becomes set when somebody wants us to stop, or when our parent is gone."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: stop.set())
    threading.Thread(target=_set_when_orphaned, args=(stop,), daemon=True).start()
    return stop


def _set_when_orphaned(stop: threading.Event) -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    stop.set()
