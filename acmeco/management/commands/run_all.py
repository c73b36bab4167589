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
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from acmeco.launcher import parts
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

say = partial(print, flush=True)


class Command(BaseCommand):
    help = "Run web, worker, beat, Redis and the sandbox together, for development and the demo."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all-logs", action="store_true", help="Print all logs, not only the warnings."
        )

    def handle(self, *, all_logs: bool, **_: Any) -> None:
        data = settings.BASE_DIR / "var"
        printed = partial(echo, everything=all_logs)
        try:
            with (
                only_one_run(data),
                Processes(logs=data / "logs", echo=printed, stop_asked=stop_asked()) as processes,
            ):
                run(processes, data)
        except Stopped:
            say("\nStopped.")
        except LaunchError as error:
            say(f"\n{error}")
            sys.exit(1)
        except OSError as error:
            say(f"\nA file or folder cannot be used: {error}.")
            sys.exit(1)


def run(processes: Processes, data: Path) -> None:
    """Start all, say where it is, and watch over it.

    Raises:
        LaunchError: when something keeps it from running.
        Stopped: when asked to stop.
    """
    began = time.monotonic()
    require_our_ports()
    redis = start_redis(processes, data / "redis")
    acmeco = parts.acmeco_environment(
        port=settings.PORT,
        sandbox_port=settings.SANDBOX_PORT,
        redis_url=redis,
        metrics=_emptied(data / "metrics"),
    )
    say("Preparing the database ...")
    require_todays_database()
    processes.run(parts.management_part("migrate", acmeco))
    say("Starting web, worker, beat and sandbox ...")
    if not settings.ALLOY_LIVE:
        sandbox = parts.sandbox_environment(
            port=settings.SANDBOX_PORT,
            webhook_base_url=settings.ALLOY["WEBHOOK_BASE_URL"],
            webhook_token=settings.ALLOY["WEBHOOK_TOKENS"][0],
        )
        processes.start(parts.sandbox_part(sandbox, data=data / "sandbox"))
    processes.start(
        parts.web_part(acmeco),
        parts.worker_part(acmeco),
        parts.beat_part(acmeco, directory=data / "beat"),
    )
    processes.run(parts.management_part("seed_demo", acmeco))
    processes.wait_until_ready()
    say(_welcome(data, seconds=time.monotonic() - began))
    processes.watch()


def require_our_ports() -> None:
    """Raise LaunchError, saying what to change, if we or the sandbox cannot be where we should."""
    port, sandbox_port = settings.PORT, settings.SANDBOX_PORT
    parts.require_free(port, variable="PORT")
    if settings.ALLOY_LIVE:
        return
    ours, wanted = f"http://localhost:{sandbox_port}", settings.ALLOY["SANDBOX_URL"]
    if ours != wanted:
        raise LaunchError(
            f"ALLOY_SANDBOX_URL is {wanted}, but the sandbox that `make run` starts is {ours}."
            " Remove ALLOY_SANDBOX_URL, or change SANDBOX_PORT."
        )
    if port == sandbox_port:
        raise LaunchError(f"PORT and SANDBOX_PORT are both {port}: they must differ.")
    parts.require_free(sandbox_port, variable="SANDBOX_PORT")


def start_redis(processes: Processes, directory: Path) -> str:
    """Return the URL of the Redis that REDIS_URL names or, where none answers, of one of ours."""
    configured = os.environ.get("REDIS_URL", "") and settings.REDIS_URL
    if configured and parts.redis_answers(configured):
        return str(settings.CELERY_BROKER_URL)
    port = parts.redis_port()
    if configured:
        where = urlsplit(configured)  # not as it stands: it may hold a password
        say(
            f"No Redis answers at REDIS_URL ({where.hostname or where.path});"
            f" this run uses one of its own, on port {port}."
        )
    processes.start(parts.redis_part(port=port, directory=directory))
    return parts.redis_url(port)


def require_todays_database() -> None:
    """Refuse a database that is away, or was made before there was one migration for each app."""
    try:
        loader = MigrationLoader(connection)
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise LaunchError(f"The database of DATABASE_URL cannot be reached: {reason}") from error
    finally:
        connection.close()
    if unknown := set(loader.applied_migrations) - set(loader.disk_migrations):
        app, name = min(unknown)
        raise LaunchError(
            f"The database was made by an earlier version of AcmeCo ({app}.{name}), from which"
            " nothing leads to this one. `make reset` removes what is in var/; a database that"
            " DATABASE_URL names has to be made again."
        )


def _emptied(directory: Path) -> Path:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def _welcome(data: Path, *, seconds: float) -> str:
    address = f"http://localhost:{settings.SANDBOX_PORT}"
    return WELCOME.format(
        seconds=seconds,
        acmeco=f"http://localhost:{settings.PORT}",
        nothing="",
        alloy=LIVE.format(region=settings.ALLOY["REGION"])
        if settings.ALLOY_LIVE
        else SANDBOX.format(address=address),
        logs=os.path.relpath(data / "logs"),
    )


def echo(name: str, line: str, *, everything: bool = False) -> None:
    """Print a process's line under its name, if it is a warning or if everything is wanted."""
    if everything or _WARNING.search(line[:200]):
        say(f"{name:>8} | {line}")


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
