"""A line that shows how far a long command has come; silent unless somebody watches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

_WIDTH = 24
_SECONDS_BETWEEN = 0.1


class Progress:
    """A bar with rate and time left, on a terminal; nothing at all in a pipe or a log."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._watched = stream.isatty()
        self._clock = clock
        self.start("", total=0)

    def start(self, label: str, *, total: int) -> None:
        """Begin a part of the work, of so many rows."""
        self._label, self._total, self._done = label, total, 0
        self._started, self._next_at = self._clock(), 0.0

    def advance(self, count: int) -> None:
        """Count rows as done."""
        self._done += count
        now = self._clock()
        if self._watched and (now >= self._next_at or self._done >= self._total):
            self._next_at = now + _SECONDS_BETWEEN
            self._write(self.line())

    def line(self) -> str:
        """Return what stands on the line: part, bar, counts, rows a second, time left."""
        share = min(self._done / self._total, 1.0) if self._total else 1.0
        bar = ("#" * round(share * _WIDTH)).ljust(_WIDTH, ".")
        rate = self._done / max(self._clock() - self._started, 0.001)
        left = max(self._total - self._done, 0) / rate if rate else 0.0
        counts = f"{self._done:,} of {self._total:,}"
        return f"{self._label} [{bar}] {counts}, {rate:,.0f}/s, {_told(left)} left"

    def clear(self) -> None:
        """Empty the line, so that something else can be written."""
        if self._watched:
            self._write("")

    def _write(self, text: str) -> None:
        self._stream.write(f"\r\x1b[K{text}")
        self._stream.flush()


def _told(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} min" if minutes else f"{rest} s"
