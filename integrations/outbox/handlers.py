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


def delivers(kind: str) -> Callable[[Handler], Handler]:
    """Register the decorated function as the one that delivers messages of this kind.

    It makes the call to Alloy and returns when Alloy has taken the message. Otherwise it raises a
    `TemporaryError` (tried again) or a `PermanentError` (dead letter). It may run twice.
    """

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def handler_for(kind: str) -> Handler:
    """Return the handler of a kind; `KeyError` when none is registered."""
    return _handlers[kind]
