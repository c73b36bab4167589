"""What one run does: how many webhooks when, and what Alloy is like meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Alloy(StrEnum):
    """What Alloy is like."""

    UP = "up"
    DOWN = "down"
    SLOW = "slow"


COURSE = (Alloy.UP, Alloy.UP, Alloy.DOWN, Alloy.UP, Alloy.SLOW, Alloy.UP)
"""The steady load in six parts of equal length. Nobody listens while Alloy is down; slow is it when
it does what it is asked and answers after ten seconds, longer than we wait for it."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Webhooks a second, first for a burst and then steadily; all spans in seconds.

    The merchants work on the pages from the end of the burst on.
    """

    burst_rate: int
    burst_seconds: int
    rate: int
    seconds: int
    merchants: int = 10
    workers: int = 2

    @property
    def title(self) -> str:
        """What is done, in a few words."""
        burst = f"{self.burst_rate}/s for {self.burst_seconds} s"
        return f"{burst}, then {self.rate}/s for {self.seconds:,} s"

    @property
    def bursting(self) -> range:
        """The numbers of the webhooks of the burst."""
        return range(self.burst_rate * self.burst_seconds)

    @property
    def steady(self) -> range:
        """The numbers of the webhooks after it."""
        return range(self.bursting.stop, self.bursting.stop + self.rate * self.seconds)

    def alloy_at(self, second: float) -> Alloy:
        """Return what Alloy is like so long after the beginning of the steady load."""
        part = int(second * len(COURSE) / self.seconds) if self.seconds else len(COURSE)
        return COURSE[part] if 0 <= part < len(COURSE) else Alloy.UP

    def seconds_in_this_state(self, second: float) -> float:
        """Return for how long Alloy has been like this by then."""
        length = self.seconds / len(COURSE)
        first = part = max(0, min(int(second / length), len(COURSE) - 1))
        while first and COURSE[first - 1] is COURSE[part]:
            first -= 1
        return second - first * length
