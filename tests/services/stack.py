"""AcmeCo and its sandbox as real processes, on ports and in databases of their own."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from acmeco.launcher.parts import (
    LOCAL,
    acmeco_environment,
    beat_part,
    free_port,
    management_part,
    redis_part,
    redis_url,
    sandbox_environment,
    sandbox_part,
    web_part,
    worker_part,
)
from acmeco.launcher.processes import Part, Process, Processes
from tests.services.postgres import FAST_AND_FORGETFUL, postgres_part, postgres_url

WEBHOOK_TOKEN = "token-of-the-tests"
MIGRATED = "MIGRATED"
"""The variable that holds the path of the folder of `migrating_once`."""


@contextmanager
def migrating_once() -> Iterator[None]:
    """Migrate for the first stack only: the others in the block, in any process, get copies."""
    with tempfile.TemporaryDirectory(prefix="acmeco-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may have to run as another user
        os.environ[MIGRATED] = folder
        yield
        del os.environ[MIGRATED]


class Stack:
    """A whole AcmeCo on free ports and temporary databases; leaving the context ends all of it.

    Parts are known by name: redis, postgres, sandbox, web, beat, relay, and any that begins with
    worker. A `durable` PostgreSQL keeps what it has committed, whatever happens to it. PostgreSQL
    and Redis are at the `data_address`.
    """

    migrates = MIGRATED not in os.environ
    """Whether it migrates its database, instead of beginning with a copy of one."""

    def __init__(
        self,
        *,
        postgres: bool = False,
        durable: bool = False,
        environment: Mapping[str, str] | None = None,
        data_address: str = LOCAL,
    ) -> None:
        self._uses_postgres = postgres
        self._postgres_options = () if durable else FAST_AND_FORGETFUL
        self._postgres_port, self._redis_port = free_port(), free_port()
        self.port, self.sandbox_port = free_port(), free_port()
        self.url = f"http://localhost:{self.port}"
        self.sandbox_url = f"http://localhost:{self.sandbox_port}"
        self._data_address = data_address
        self._extra = dict(environment or {})

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="acmeco-", ignore_cleanup_errors=True)
        self.directory = Path(self._temporary.name)
        self.directory.chmod(0o755)  # PostgreSQL may have to run as another user
        self.directory.joinpath("metrics").mkdir()
        self.logs = self.directory / "logs"
        self._processes = Processes(logs=self.logs).__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._processes.__exit__()
        self._temporary.cleanup()

    @property
    def database_url(self) -> str:
        """Where AcmeCo keeps its data."""
        if self._uses_postgres:
            return postgres_url(self._postgres_port, self._data_address)
        return f"sqlite:///{self.sqlite}"

    @property
    def sqlite(self) -> Path:
        """Where it does so without PostgreSQL."""
        return self.directory / "acmeco.sqlite3"

    @property
    def redis_url(self) -> str:
        """Where its Redis is."""
        return redis_url(self._redis_port, self._data_address)

    @property
    def environment(self) -> dict[str, str]:
        """What AcmeCo's processes see; a developer's own `.env` cannot reach in."""
        return {
            **acmeco_environment(
                port=self.port,
                sandbox_port=self.sandbox_port,
                redis_url=self.redis_url,
                metrics=self.directory / "metrics",
            ),
            "DATABASE_URL": self.database_url,
            "ALLOY_API_KEY": "",
            "ALLOY_SANDBOX_URL": "",
            "ALLOY_WEBHOOK_BASE_URL": self.url,
            "ALLOY_WEBHOOK_TOKEN": WEBHOOK_TOKEN,
            **self._extra,
        }

    @property
    def sandbox_environment(self) -> dict[str, str]:
        """What the sandbox's process sees."""
        return sandbox_environment(
            port=self.sandbox_port, webhook_base_url=self.url, webhook_token=WEBHOOK_TOKEN
        )

    def start_all(self, *, workers: int = 1) -> None:
        """Start everything, with this many workers, and wait until all is ready."""
        self.start("redis", *(["postgres"] if self._uses_postgres else []))
        self.manage("migrate")
        self.start_sandbox(wait=False)
        self.start("web", "beat", *(f"worker-{number}" for number in range(1, workers + 1)))
        self._processes.wait_until_ready()

    def start_sandbox(self, *, wait: bool = True) -> None:
        """Start the sandbox, with nothing else needed."""
        self.start("sandbox", wait=wait)

    def start(self, *names: str, wait: bool = True) -> None:
        """Start parts, for the first time or again after `stop` or `kill`."""
        self._processes.start(*(self._part(name) for name in names))
        if wait:
            self._processes.wait_until_ready(*names)

    def stop(self, *names: str) -> None:
        """Ask parts to end, and wait until they have."""
        self._processes.stop(*names)

    def kill(self, *names: str) -> None:
        """End parts as a power cut would."""
        self._processes.kill(*names)

    def manage(self, command: str) -> None:
        """Run a management command of AcmeCo."""
        if command == "migrate" and not self.migrates:
            if not self._uses_postgres:  # which began with a copy
                _copy(_migrated(postgres=False), self.sqlite)
            return
        self._processes.run(management_part(command, self.environment))

    def process(self, name: str) -> Process:
        """Return a running part, to send it signals or read its log."""
        return self._processes.running[name]

    def _part(self, name: str) -> Part:
        if name.startswith("worker"):
            return worker_part(self.environment, name=name, concurrency=2)
        match name:
            case "redis":
                return redis_part(
                    port=self._redis_port,
                    directory=self.directory / "redis",
                    address=self._data_address,
                )
            case "postgres":
                directory = self.directory / "postgres"
                if not (self.migrates or (directory / "data").exists()):
                    directory.mkdir(exist_ok=True)
                    _copy(_migrated(postgres=True), directory / "data")
                return postgres_part(
                    port=self._postgres_port,
                    directory=directory,
                    options=self._postgres_options,
                    address=self._data_address,
                )
            case "sandbox":
                return sandbox_part(self.sandbox_environment, data=self.directory)
            case "web":
                return web_part(self.environment)
            case "beat":
                return beat_part(self.environment, directory=self.directory / "beat")
            case "relay":
                return management_part("relay", self.environment)
        raise ValueError(f"There is no part named {name!r}.")


class _Migrating(Stack):
    migrates = True


def _migrated(*, postgres: bool) -> Path:
    """Return a migrated SQLite file, or the data of a PostgreSQL; the first who asks makes it."""
    migrated = Path(os.environ[MIGRATED]) / ("postgres" if postgres else "sqlite")
    with migrated.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not migrated.exists():
            with _Migrating(postgres=postgres) as stack:
                if postgres:
                    stack.start("postgres")
                stack.manage("migrate")
                if postgres:
                    stack.stop("postgres")
                _copy(stack.directory / "postgres" / "data" if postgres else stack.sqlite, migrated)
    return migrated


def _copy(source: Path, target: Path) -> None:
    """Copy a file or a folder; it stays whose it was."""
    subprocess.run(["cp", "-a", source, target], check=True)
