"""Which function delivers which kind of message."""

from __future__ import annotations

from collections.abc import Callable

from integrations.alloy import TemporaryError
from integrations.models import Message

Handler = Callable[[Message], None]


class NotYet(TemporaryError):
    """Cannot be delivered yet, which is neither the message's fault nor news of Alloy's health.

    Such a message waits, looked at ever more rarely, until it can be; it is never given up.
    """


_handlers: dict[str, Handler] = {}
_latest_wins: set[str] = set()


def delivers(kind: str, *, latest_wins: bool = False) -> Callable[[Handler], Handler]:
    """Register the decorated function as the one that delivers messages of this kind.

    It makes the call to Alloy and returns when Alloy has taken the message. Otherwise it raises a
    `TemporaryError` (tried again) or a `PermanentError` (dead letter). It may run twice.

    Where the `latest_wins`, a message is worth nothing once a later one of its group has arrived:
    sent then, the older would overwrite the newer.
    """

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        if latest_wins:
            _latest_wins.add(kind)
        return handler

    return register


def latest_wins(kind: str) -> bool:
    """Say whether a later message makes those of this kind worthless."""
    return kind in _latest_wins


def handler_for(kind: str) -> Handler:
    """Return the handler of a kind; `KeyError` when none is registered."""
    return _handlers[kind]
