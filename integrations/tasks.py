"""Celery tasks. Each is a hint that a row is due: losing one or running it twice does no harm."""

from __future__ import annotations

from typing import Any

from integrations import inbox, retention
from integrations.outbox import relay
from integrations.tenants.unprovisioned import provision_some_missing

try:
    from celery import shared_task
except ImportError:  # optional: `manage.py relay` calls them

    def shared_task(function: Any) -> Any:  # type: ignore[no-redef]
        return function


# A sweep ends well before the task time limit, so that other tasks get their turn.
SWEEP_SECONDS = 10.0


@shared_task
def send() -> None:
    """Send what is due in the outbox."""
    relay.drain(seconds=SWEEP_SECONDS)


@shared_task
def process_deliveries() -> None:
    """Process what waits in the inbox."""
    inbox.sweep(seconds=SWEEP_SECONDS)


@shared_task
def sweep() -> None:
    """Do whatever is due in outbox and inbox: what a lost task, a dead worker or a wait left."""
    try:
        inbox.sweep(seconds=SWEEP_SECONDS)
    finally:
        relay.drain(seconds=SWEEP_SECONDS)


@shared_task
def maintain() -> None:
    """Do what is due every minute: find tenants that no signal announced, delete what is old."""
    provision_some_missing()
    retention.prune()
