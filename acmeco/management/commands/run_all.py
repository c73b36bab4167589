"""`make run`: everything on this machine, from one terminal."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from acmeco.launcher.parts import (
    acmeco_environment,
    beat_part,
    management_part,
    redis_answers,
    redis_part,
    redis_port,
    redis_url,
    require_free,
    sandbox_environment,
    sandbox_part,
    web_part,
    worker_part,
)
from acmeco.launcher.processes import LaunchError, Processes, Stopped

WELCOME = """
AcmeCo is ready ({seconds:.1f} s).

  AcmeCo    {acmeco:<23} merchant: demo@acme.example / demo
            {nothing:<23} operator: admin@acme.example / admin
  {alloy}

  Try first: log in as the merchant, open Integrations and connect BigCommerce.
             Then place an order in its store, and watch it arrive under Orders.

  Logs: {logs}   Ctrl-C stops all.
"""
SANDBOX = "Sandbox   {address:<23} stands in for Alloy and for the BigCommerce store"
LIVE = "Alloy     live ({region}), with your key; the sandbox is not running"

_WARNING = re.compile(r"[\s\[\"/:](warning|error|critical)[\s\]\"/:]", re.IGNORECASE)


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


class Everything:
    """Web, worker, beat, Redis and, unless a real key is set, the sandbox."""

    def __init__(self, processes: Processes, console: Console, *, data: Path) -> None:
        self._processes = processes
        self._console = console
        self._data = data
        self._port: int = settings.PORT
        self._sandbox_port: int = settings.SANDBOX_PORT

    def run(self) -> None:
        """Start all, say where it is, and watch over it.

        Raises:
            LaunchError: when something keeps it from running.
            Stopped: when asked to stop.
        """
        began = time.monotonic()
        self._require_our_sandbox()
        self._require_free_ports()
        redis = self._start_redis()
        acmeco = acmeco_environment(
            port=self._port,
            sandbox_port=self._sandbox_port,
            redis_url=redis,
            metrics=self._emptied("metrics"),
        )
        sandbox = sandbox_environment(
            port=self._sandbox_port,
            webhook_base_url=settings.ALLOY["WEBHOOK_BASE_URL"],
            webhook_token=settings.ALLOY["WEBHOOK_TOKENS"][0],
        )
        self._console.say("Preparing the database ...")
        self._prepare_database(acmeco)
        self._console.say("Starting web, worker, beat and sandbox ...")
        self._start(acmeco, sandbox)
        self._console.say(self._welcome(time.monotonic() - began))
        self._processes.watch()

    def _emptied(self, name: str) -> Path:
        directory = self._data / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        return directory

    def _require_free_ports(self) -> None:
        require_free(self._port, variable="PORT")
        if settings.ALLOY_LIVE:
            return
        if self._port == self._sandbox_port:
            raise LaunchError(f"PORT and SANDBOX_PORT are both {self._port}: they must differ.")
        require_free(self._sandbox_port, variable="SANDBOX_PORT")

    def _require_our_sandbox(self) -> None:
        ours = f"http://localhost:{self._sandbox_port}"
        if not settings.ALLOY_LIVE and ours != settings.ALLOY["SANDBOX_URL"]:
            raise LaunchError(
                f"ALLOY_SANDBOX_URL is {settings.ALLOY['SANDBOX_URL']}, but the sandbox that"
                f" `make run` starts is {ours}. Remove ALLOY_SANDBOX_URL, or change SANDBOX_PORT."
            )

    def _start_redis(self) -> str:
        configured = os.environ.get("REDIS_URL", "") and settings.REDIS_URL
        if configured and redis_answers(configured):
            return str(settings.CELERY_BROKER_URL)
        directory = self._data / "redis"
        port = redis_port()
        if configured:
            where = urlsplit(configured)  # not as it stands: it may hold a password
            self._console.say(
                f"No Redis answers at REDIS_URL ({where.hostname or where.path});"
                f" this run uses one of its own, on port {port}."
            )
        self._processes.start(redis_part(port=port, directory=directory))
        return redis_url(port)

    def _require_database(self) -> None:
        try:
            connection.ensure_connection()
        except DatabaseError as error:
            reason = str(error).strip().splitlines()[0]
            raise LaunchError(
                f"The database of DATABASE_URL cannot be reached: {reason}"
            ) from error
        finally:
            connection.close()

    def _require_todays_database(self) -> None:
        """Refuse a database made before there was one migration for each app."""
        loader = MigrationLoader(connection)
        connection.close()
        if unknown := set(loader.applied_migrations) - set(loader.disk_migrations):
            app, name = min(unknown)
            raise LaunchError(
                f"The database was made by an earlier version of AcmeCo ({app}.{name}), from which"
                " nothing leads to this one. `make reset` removes what is in var/; a database that"
                " DATABASE_URL names has to be made anew."
            )

    def _prepare_database(self, acmeco: dict[str, str]) -> None:
        self._require_database()
        self._require_todays_database()
        self._processes.run(management_part("migrate", acmeco))

    def _start(self, acmeco: dict[str, str], sandbox: dict[str, str]) -> None:
        if not settings.ALLOY_LIVE:
            self._processes.start(sandbox_part(sandbox, data=self._data / "sandbox"))
        self._processes.start(
            web_part(acmeco), worker_part(acmeco), beat_part(acmeco, directory=self._data / "beat")
        )
        self._processes.run(management_part("seed_demo", acmeco))
        self._processes.wait_until_ready()

    def _welcome(self, seconds: float) -> str:
        alloy = LIVE.format(region=settings.ALLOY["REGION"])
        if not settings.ALLOY_LIVE:
            alloy = SANDBOX.format(address=f"http://localhost:{self._sandbox_port}")
        return WELCOME.format(
            seconds=seconds,
            acmeco=f"http://localhost:{self._port}",
            nothing="",
            alloy=alloy,
            logs=os.path.relpath(self._data / "logs"),
        )


class Console:
    """Writes to the terminal."""

    def __init__(self, *, everything: bool = False) -> None:
        self._everything = everything

    def say(self, text: str) -> None:
        """Print something that the launcher itself has to say."""
        print(text, flush=True)

    def echo(self, name: str, line: str) -> None:
        """Print a process's line under its name, if it is a warning or if everything is wanted."""
        if self._everything or _WARNING.search(line[:200]):
            print(f"{name:>8} | {line}", flush=True)


@contextmanager
def only_one_run(data: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system takes back however we end; else LaunchError."""
    data.mkdir(exist_ok=True)
    with (data / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LaunchError(
                "AcmeCo already runs from this folder: stop it first, with Ctrl-C there."
            ) from None
        yield
