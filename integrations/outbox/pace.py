"""The rate of the calls: it rises until Alloy answers 429, as TCP finds the rate of a network.

Alloy documents no limit. A 429 cuts the rate; each call that is taken raises it by a hundredth of a
call a second, which is one per cent a second whatever the rate. Some time after the last 429 the
limit must be far away, and the rate doubles within a second.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable

CUT = 0.92
STEP = 0.01
QUIET = 12.0
"""Seconds without a 429 after which the rate rises fast; a cut is recovered within nine."""
SLOW = 20.0
"""Calls a second after an outage, to begin with: Alloy may not be quite well yet."""
SLOWEST = 1.0


class Pace:
    """The rate of one process's calls, in calls a second; without limit until Alloy sets one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = math.inf
        self._clock = clock
        self._lock = threading.Lock()
        self._next, self._cut_at = clock(), -math.inf
        self._taken = deque[float]()

    @property
    def pause(self) -> float:
        """The seconds until another call may leave."""
        return max(self._next - self._clock(), 0.0)

    def window(self, most: int) -> int:
        """Return how many calls to have under way at most: what leaves within half a second."""
        return most if self.rate > 2 * most else max(1, int(self.rate / 2))

    def reserve(self) -> float:
        """Return how many seconds to wait before the call; each caller is given its own moment."""
        with self._lock:
            now = self._clock()
            moment = max(self._next, now)
            self._next = moment + 1 / self.rate
            return moment - now

    def taken(self) -> None:
        """Note that Alloy took a call."""
        with self._lock:
            now = self._clock()
            self._taken.append(now)
            self._forget(now)
            self.rate += 1.0 if self._is_rising_fast(now) else STEP

    def refused(self, *, began: float, retry_after: float = 0.0) -> None:
        """Note a 429 to a call that `began` then, in seconds of the clock.

        One within a second of the last cut says nothing new: limits are kept by the second. Where
        Alloy takes no call at all, none is made for as long as it asks.
        """
        with self._lock:
            now = self._clock()
            if began < self._cut_at + 1.0:
                return
            self._forget(now)
            taken = float(len(self._taken))
            if self._is_rising_fast(now):
                self.rate = taken if math.isinf(self.rate) else max(taken, self.rate / 2)
            self.rate = max(SLOWEST, CUT * self.rate)
            self._cut_at = now
            if not taken:
                self._next = now + max(retry_after, 1 / SLOWEST)

    def slow_down(self) -> None:
        """Begin anew, slowly: Alloy has just come back."""
        with self._lock:
            self.rate, self._cut_at = SLOW, -math.inf

    def _is_rising_fast(self, now: float) -> bool:
        return now > self._cut_at + QUIET

    def _forget(self, now: float) -> None:
        """Keep the calls of the last second."""
        while self._taken and self._taken[0] < now - 1.0:
            self._taken.popleft()
