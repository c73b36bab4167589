"""The order in which AcmeCo's processes start, and what the newcomer is told."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection

from acmeco.launcher.console import Console
from acmeco.launcher.environment import acmeco_environment, sandbox_environment
from acmeco.launcher.parts import (
    beat_part,
    management_part,
    sandbox_part,
    web_part,
    worker_part,
)
from acmeco.launcher.ports import require_free
from acmeco.launcher.processes import LaunchError, Processes
from acmeco.launcher.readiness import redis_answers
from acmeco.launcher.redis import choose_port, redis_part, redis_url

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
            webhook_base_url=settings.ALLOY_WEBHOOK_BASE_URL,
            webhook_token=settings.ALLOY_WEBHOOK_TOKENS[0],
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
        if not settings.ALLOY_LIVE and ours != settings.ALLOY_SANDBOX_URL:
            raise LaunchError(
                f"ALLOY_SANDBOX_URL is {settings.ALLOY_SANDBOX_URL}, but the sandbox that"
                f" `make run` starts is {ours}. Remove ALLOY_SANDBOX_URL, or change SANDBOX_PORT."
            )

    def _start_redis(self) -> str:
        configured = os.environ.get("REDIS_URL", "") and settings.REDIS_URL
        if configured and redis_answers(configured):
            return str(settings.CELERY_BROKER_URL)
        directory = self._data / "redis"
        port = choose_port(directory)
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

    def _prepare_database(self, acmeco: dict[str, str]) -> None:
        self._require_database()
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
        alloy = LIVE.format(region=settings.ALLOY_REGION)
        if not settings.ALLOY_LIVE:
            alloy = SANDBOX.format(address=f"http://localhost:{self._sandbox_port}")
        return WELCOME.format(
            seconds=seconds,
            acmeco=f"http://localhost:{self._port}",
            nothing="",
            alloy=alloy,
            logs=os.path.relpath(self._data / "logs"),
        )
