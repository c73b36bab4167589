"""Keeps a flood of forged webhooks from filling the log, and from delaying genuine deliveries."""

from __future__ import annotations

import time
from threading import Condition

import structlog

log = structlog.get_logger(__name__)

REFUSALS_LOGGED_PER_MINUTE = 60
SECONDS_TO_LET_OTHERS_FINISH = 0.02


class _Storing:
    """Counts the deliveries that this process is storing, so that refusals let them go first.

    A genuine one would otherwise wait for some forged ones at each round trip to the database.
    """

    def __init__(self) -> None:
        self._count, self._changed = 0, Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def let_finish(self) -> None:
        """Wait until none is being stored, but not for long: the database may be stuck."""
        with self._changed:
            self._changed.wait_for(lambda: not self._count, SECONDS_TO_LET_OTHERS_FINISH)


storing = _Storing()
_refusals = {"minute": 0, "logged": 0, "silent": 0}


def log_refusal(*, kind: str, status: int, reason: str) -> None:
    """Log a refusal: so many a minute, and then how many were left out."""
    minute = int(time.monotonic() // 60)
    if _refusals["minute"] != minute:
        if _refusals["silent"]:
            log.warning("webhooks_refused_unlogged", count=_refusals["silent"])
        _refusals.update(minute=minute, logged=0, silent=0)
    if _refusals["logged"] >= REFUSALS_LOGGED_PER_MINUTE:
        _refusals["silent"] += 1
        return
    _refusals["logged"] += 1
    log.warning("webhook_refused", kind=kind, status=status, reason=reason)
