"""Kills processes as the plan says, and starts what is dead again, as systemd would.

Nothing here waits until a part is ready or tells another part that one is gone: finding that out
is the product's business.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress

import psutil

from bench.beside import Beside
from bench.chaos.plan import Kill, Plan
from tests.services.postgres import hang_up_on_all
from tests.services.stack import Stack

STEP = 0.25
RECOVERY = 0.5
"""Seconds after which systemd, too, would start a process again that ended by itself."""
STUCK_AFTER = 15.0
"""Seconds without progress, nor a kill, after which the next kill no longer waits for any."""


class Stillness:
    """Tells for how long a value has not changed."""

    def __init__(self) -> None:
        self._value: object = None
        self.since = time.monotonic()

    def seconds(self, value: object) -> float:
        """Take note of the value now; return the seconds since it was last another."""
        if value != self._value:
            self._value, self.since = value, time.monotonic()
        return time.monotonic() - self.since


class Killer(Beside):
    """Carries out the plan's kills while `progress()` (0 to 1) goes on, and supervises all parts.

    `done` counts the kills by part and kind; `exits` the processes that ended without being killed.
    """

    def __init__(self, stack: Stack, plan: Plan, *, progress: Callable[[], float]) -> None:
        super().__init__(self._work)
        self._stack, self._parts, self._progress = stack, plan.parts, progress
        self._kills = deque(plan.kills())
        self._back_at: dict[str, float] = {}
        self._stillness = Stillness()
        self.done: Counter[tuple[str, str]] = Counter()
        self.exits: Counter[str] = Counter()

    @property
    def is_over(self) -> bool:
        """Whether every kill was made and everything was started again."""
        return not self._kills and not self._back_at

    def _work(self) -> None:
        while not self.stop.wait(STEP):
            self._revive()
            if self._kills and self._is_due(self._kills[0]):
                self._strike(self._kills.popleft())

    def _is_due(self, kill: Kill) -> bool:
        if kill.part in self._back_at:
            return False
        progress = self._progress()
        unmoved = self._stillness.seconds((progress, len(self._kills)))
        return progress >= kill.at or unmoved > STUCK_AFTER

    def _strike(self, kill: Kill) -> None:
        moment = f"{time.strftime('%H:%M:%S')}  {100 * self._progress():3.0f} %"
        print(f"{moment}  killing {kill.part} ({kill.how})", flush=True)
        process = self._stack.process(kill.part)
        match kill.how:
            case "whole":
                process.kill()
            case "main process":
                process.signal(signal.SIGKILL)
                process.wait(5)
            case "pool child":
                if not _kill_a_child(process.pid):
                    process.kill()
            case "emptied":
                process.kill()
                shutil.rmtree(self._stack.directory / "redis")
            case "immediate stop":
                process.signal(signal.SIGQUIT)
                process.wait(10)
            case "all connections":
                while not process.part.is_ready():  # it may just have been started again
                    time.sleep(STEP)
                hang_up_on_all(self._stack.database_url)
        self.done[kill.part.partition("-")[0], kill.how] += 1
        if process.exit_code is not None:
            self._back_at[kill.part] = time.monotonic() + kill.down

    def _revive(self) -> None:
        for part in self._parts:
            if self._stack.process(part).exit_code is None:
                continue
            if part not in self._back_at:
                self.exits[part] += 1
                self._back_at[part] = time.monotonic() + RECOVERY
            if time.monotonic() >= self._back_at[part]:
                self._stack.start(part, wait=False)
                del self._back_at[part]


def _kill_a_child(pid: int) -> bool:
    """Kill the newest child of the process; return False where it has none."""
    with suppress(psutil.NoSuchProcess, ProcessLookupError):
        children = psutil.Process(pid).children()
        if children:
            os.kill(children[-1].pid, signal.SIGKILL)
            return True
    return False
