"""Keeps a second launcher, and `make reset`, away from data that is in use."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acmeco.launcher.processes import LaunchError


class AlreadyRunning(LaunchError):
    """This project already runs."""

    def __init__(self) -> None:
        super().__init__("AcmeCo already runs from this folder: stop it first, with Ctrl-C there.")


@contextmanager
def only_one_run(data: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system takes back however we end; else AlreadyRunning."""
    data.mkdir(exist_ok=True)
    with (data / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning from None
        yield
