"""The command line of each of AcmeCo's processes."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from acmeco.launcher.processes import Part
from acmeco.launcher.readiness import http_answers, worker_answers


def web_part(environment: Mapping[str, str]) -> Part:
    """Return AcmeCo's web server."""
    port = environment["PORT"]
    command = [
        *_gunicorn("acmeco.wsgi", port=port, workers=2, threads=4),
        # Else keep-alive connections may all land on one of the two workers.
        *(["--reuse-port"] if hasattr(socket, "SO_REUSEPORT") else []),
    ]
    return Part(
        "web", command, environment, lambda: http_answers(f"http://localhost:{port}/healthz")
    )


def sandbox_part(environment: Mapping[str, str], *, data: Path) -> Part:
    """Return the stand-in for Alloy, which keeps what it knows in the directory `data`."""
    port = environment["SANDBOX_PORT"]
    return Part(
        "sandbox",
        [sys.executable, "-m", "alloy_sandbox", "--quiet", f"--port={port}", f"--data={data}"],
        environment,
        lambda: http_answers(f"http://localhost:{port}/_sandbox/destinations"),
    )


def worker_part(
    environment: Mapping[str, str], *, name: str = "worker", concurrency: int = 4
) -> Part:
    """Return a Celery worker."""
    node = f"{name}@localhost"
    command = [
        *_celery("worker"),
        f"--hostname={node}",
        f"--concurrency={concurrency}",
        # Workers need not know of each other, and asking around takes a second.
        "--without-gossip",
        "--without-mingle",
    ]
    return Part(name, command, environment, lambda: worker_answers(environment["REDIS_URL"], node))


def beat_part(environment: Mapping[str, str], *, directory: Path) -> Part:
    """Return Celery's clock, which remembers in the directory what it started when."""
    directory.mkdir(parents=True, exist_ok=True)
    command = [*_celery("beat"), f"--schedule={directory / 'schedule'}", "--pidfile="]
    return Part("beat", command, environment)


def management_part(command: str, environment: Mapping[str, str], *, name: str = "") -> Part:
    """Return a management command."""
    return Part(name or command, [sys.executable, "manage.py", *command.split()], environment)


def _celery(command: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--app=acmeco", command, "--loglevel=INFO"]


def _gunicorn(application: str, *, port: str, workers: int, threads: int) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", f"{application}:application"),
        f"--bind=127.0.0.1:{port}",
        f"--workers={workers}",
        f"--threads={threads}",
        "--graceful-timeout=3",
        # Longer than clients let a connection rest: what they send as it is closed is lost.
        "--keep-alive=75",
        # Nobody steers it from outside, and the socket would lie in the home directory.
        "--no-control-socket",
    ]
