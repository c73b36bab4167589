"""Starts processes, keeps their logs, tells when one died, and leaves none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from acmeco.launcher import guardian

PROJECT = Path(__file__).resolve().parents[2]
"""The folder that holds `manage.py`: where every process runs."""

STOP_GRACE = 6.0
"""Seconds that a process gets to end by itself: a worker finishes the task in its hands."""

LAST_WORDS = 5.0
"""Seconds that we go on reading what a process printed before it ended."""


@dataclass(frozen=True)
class Part:
    """One process of the whole: how it is started, and how one can tell that it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_ready: Callable[[], bool] = lambda: True
    is_quiet: bool = False
    """Whether its output goes to its log only."""
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    """The system user who runs it, where that is not the one who started us."""


class LaunchError(Exception):
    """Something keeps AcmeCo from running; the message is meant for the person who started it."""


class PartDied(LaunchError):
    """A process ended that should have gone on, or failed."""

    def __init__(self, process: Process) -> None:
        lines = "\n".join(f"  {line}" for line in process.last_lines())
        super().__init__(
            f"{process.part.name} ended {_how(process.exit_code)}. Its last lines:\n"
            f"{lines or '  (none)'}\nAll of them: {process.log}"
        )


def _how(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"by {signal.Signals(-exit_code).name}"
    return f"with exit code {exit_code}"


class PartNotReady(LaunchError):
    """A process runs but never became ready."""


class Stopped(Exception):
    """Somebody asked the launcher to stop while it waited."""


class Process:
    """A running part: a process group of its own, and a thread that copies what it prints."""

    def __init__(self, part: Part, *, log: Path, echo: Callable[[str, str], None]) -> None:
        self.part = part
        self.log = log
        self._last_lines: deque[str] = deque(maxlen=12)
        self._popen = subprocess.Popen(
            part.command,
            cwd=PROJECT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **part.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            user=part.user,
        )
        self._reader = threading.Thread(target=self._copy_output, args=(echo,), daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process's id, and its group's."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative where a signal ended it."""
        return self._popen.poll()

    def last_lines(self) -> list[str]:
        """Return the last lines that a process which ended has printed."""
        self._reader.join(timeout=LAST_WORDS)
        return list(self._last_lines)

    def wait(self, timeout: float) -> int | None:
        """Wait this many seconds at most; return the exit code, or None if it still runs."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(timeout)
        return self.exit_code

    def signal(self, how: signal.Signals) -> None:
        """Send a signal to the process, not to its children."""
        self._popen.send_signal(how)

    def kill(self) -> None:
        """End the process and all of its children at once, as a power cut would."""
        guardian.end_groups({self.pid}, signal.SIGKILL)
        self._popen.wait()
        self._reader.join(timeout=LAST_WORDS)

    def _copy_output(self, echo: Callable[[str, str], None]) -> None:
        assert self._popen.stdout is not None  # noqa: S101 -- narrows the type
        with self._popen.stdout as output, self.log.open("a", buffering=1) as log:
            for line in output:
                log.write(line)
                self._last_lines.append(line.rstrip())
                if not self.part.is_quiet:
                    echo(self.part.name, line.rstrip())


class Processes:
    """The processes of one launcher. Leaving the context ends them all, whatever happened."""

    def __init__(
        self,
        *,
        logs: Path,
        echo: Callable[[str, str], None] = lambda name, line: None,
        stop_asked: threading.Event | None = None,
    ) -> None:
        self.running: dict[str, Process] = {}
        self._logs = logs
        self._echo = echo
        self._stop_asked = stop_asked or threading.Event()

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        for last_time in self._logs.glob("*.log"):
            last_time.unlink()
        self._guardian = subprocess.Popen(
            [sys.executable, "-S", guardian.__file__],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(*self.running)
        self._guardian.communicate()

    def start(self, *parts: Part) -> None:
        """Start the parts side by side; none is waited for."""
        for part in parts:
            process = Process(part, log=self._logs / f"{part.name}.log", echo=self._echo)
            self.running[part.name] = process
            self._tell_guardian("+", process.pid)

    def wait_until_ready(self, *names: str, timeout: float = 180) -> None:
        """Wait for these parts, or for all that run.

        Raises:
            PartDied: when any part ends meanwhile, waited for or not.
            PartNotReady: when the time (in seconds) is over.
            Stopped: when the launcher was asked to stop.
        """
        waiting = set(names or self.running)
        deadline = time.monotonic() + timeout
        while waiting := {name for name in waiting if not self.running[name].part.is_ready()}:
            self.raise_if_dead()
            if time.monotonic() > deadline:
                raise PartNotReady(
                    f"{', '.join(sorted(waiting))} did not become ready within {timeout:.0f} s."
                    f" The logs: {self._logs}"
                )
            self._pause()

    def run(self, *parts: Part) -> None:
        """Run parts that end by themselves, side by side; return when all have succeeded.

        Raises:
            PartDied: when one fails, or when another process ends meanwhile.
            Stopped: when the launcher was asked to stop.
        """
        self.start(*parts)
        waiting = {part.name for part in parts}
        while waiting:
            for name in [name for name in waiting if self.running[name].exit_code == 0]:
                waiting.remove(name)
                self.stop(name)
            self.raise_if_dead(may_end=waiting)
            self._pause()

    def watch(self) -> None:
        """Return never: raise PartDied when a part ends, Stopped when asked to stop."""
        while True:
            self.raise_if_dead()
            self._pause()

    def raise_if_dead(self, *, may_end: Collection[str] = ()) -> None:
        """Raise PartDied for the first part that failed, or ended and is none of those that may."""
        for name, process in self.running.items():
            code = process.exit_code
            if code is not None and not (code == 0 and name in may_end):
                raise PartDied(process)

    def _pause(self) -> None:
        if self._stop_asked.wait(0.05):
            raise Stopped

    def stop(self, *names: str) -> None:
        """Ask these parts to end, side by side; force those that take too long."""
        for name in names:
            process = self.running[name]
            process.signal(process.part.stop_signal)
        deadline = time.monotonic() + STOP_GRACE
        for name in names:
            self.running[name].wait(max(0.0, deadline - time.monotonic()))
        self.kill(*names)

    def kill(self, *names: str) -> None:
        """End these parts at once, children included."""
        for name in names:
            process = self.running.pop(name)
            process.kill()
            self._tell_guardian("-", process.pid)

    def _tell_guardian(self, sign: str, group: int) -> None:
        assert self._guardian.stdin is not None  # noqa: S101 -- narrows the type
        with suppress(BrokenPipeError):
            print(f"{sign}{group}", file=self._guardian.stdin, flush=True)
