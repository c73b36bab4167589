"""Who wants to know when an account was connected."""

from __future__ import annotations

from collections.abc import Callable

from integrations.models import Connection

Receiver = Callable[[Connection], None]

_receivers: list[Receiver] = []


def when_connected(receiver: Receiver) -> Receiver:
    """Register the decorated function; it runs in the transaction that makes the connection."""
    _receivers.append(receiver)
    return receiver


def tell_everybody(connection: Connection) -> None:
    """Call every receiver, in the order they registered."""
    for receiver in _receivers:
        receiver(connection)
