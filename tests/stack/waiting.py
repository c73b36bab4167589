"""Waits for what happens by itself in other processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 300.0
"""Seconds after which something is taken for lost: far more than it needs, on any machine."""

Found = TypeVar("Found")


def wait_for(what: Callable[[], Found]) -> Found:
    """Ask until the answer is true, and return it. Raises TimeoutError when it never is."""
    ends = time.monotonic() + PATIENCE
    while not (found := what()):
        if time.monotonic() > ends:
            raise TimeoutError(f"Waited {PATIENCE:.0f} s in vain; the last answer was {found!r}.")
        time.sleep(0.5)
    return found
