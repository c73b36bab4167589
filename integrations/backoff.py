"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from datetime import timedelta

LONGEST_WAIT = 600.0
"""Seconds, however many attempts have failed."""
LONGEST_RETRY_AFTER = 3600.0
"""Seconds: when Alloy asks for a longer pause, that is a mistake."""


def full_jitter(failures: int, *, cap: float = LONGEST_WAIT, base: float = 1.0) -> timedelta:
    """Return a random wait between zero and `base` seconds doubled with every failure, up to `cap`.

    Full jitter spreads the attempts of many groups evenly; see "Exponential Backoff And Jitter" on
    the AWS Architecture Blog.
    """
    ceiling = min(cap, base * 2.0 ** min(failures - 1, 32))
    return timedelta(seconds=random.uniform(0, ceiling))  # noqa: S311 -- spreads load, hides nothing
