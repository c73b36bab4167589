"""Wakes a worker after commit, without ever failing or delaying what was committed.

The row is already safe: if the broker is down, the sweep finds the row a little later. So a wake-up
is tried once, with a short timeout, and after a failure this process leaves the broker alone for a
while instead of making every request wait for it.
"""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu import pools
from kombu.exceptions import KombuError

log = structlog.get_logger(__name__)

_SECONDS_TO_LEAVE_A_DEAD_BROKER_ALONE = 10.0
_SHORT_TIMEOUTS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "max_retries": 0}

_leave_alone_until = 0.0


class Hint(StrEnum):
    """A task of `tasks.py`; named, not imported, because the tasks import what wakes them."""

    DRAIN_GROUP = "integrations.tasks.drain_group"
    PROCESS_DELIVERIES = "integrations.tasks.process_deliveries"
    SWEEP = "integrations.tasks.sweep"


def after_commit(hint: Hint, *ids: int) -> None:
    """Send the task with these ids once the transaction has committed."""
    # A function, not a partial: Django 5.2 cannot report a failing partial with robust=True.
    transaction.on_commit(lambda: wake(hint, *ids), robust=True)


def wake(hint: Hint, *ids: int) -> None:
    """Send the task now, or log that it could not be sent."""
    global _leave_alone_until
    if time.monotonic() < _leave_alone_until:
        return
    try:
        with _producers().acquire(block=True, timeout=1) as producer:
            current_app.send_task(hint.value, ids, producer=producer, retry=False)
    except (KombuError, OSError) as error:
        _leave_alone_until = time.monotonic() + _SECONDS_TO_LEAVE_A_DEAD_BROKER_ALONE
        log.warning("broker_unreachable", task=hint.value, error=str(error))


def _producers() -> Any:
    return pools.producers[current_app.connection_for_write(transport_options=_SHORT_TIMEOUTS)]
