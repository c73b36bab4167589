"""Work that goes on in threads of its own beside what is measured."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Self


class Beside:
    """Runs functions while inside, each in a thread; `stop` is set to ask them to end."""

    def __init__(self, *works: Callable[[], object]) -> None:
        self.stop = threading.Event()
        self._failure: BaseException | None = None
        self._threads = [threading.Thread(target=self._guarded, args=(work,)) for work in works]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def raise_if_failed(self) -> None:
        """Raise what ended one of the threads, if anything did."""
        if self._failure is not None:
            raise self._failure

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # told to the thread that waits
            self._failure = error


def wait_until(what: Callable[[], object], *, seconds: float, every: float = 0.2) -> bool:
    """Ask until the answer is true, or so many seconds have passed; return whether it was."""
    ends = time.monotonic() + seconds
    while not what():
        if time.monotonic() > ends:
            return False
        time.sleep(every)
    return True
