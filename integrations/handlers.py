"""What each kind of outbox message becomes at Alloy: apps say so with `delivers`.

@delivers("greeting")
def greet(message: Message) -> None:
    alloy().run_event(...)
"""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured

from integrations.alloy import TemporaryError
from integrations.models import Message

Handler = Callable[[Message], None]

_handlers: dict[str, Handler] = {}
_latest_wins: set[str] = set()


class NotYet(TemporaryError):
    """Cannot be delivered yet, which is neither the message's fault nor a sign of Alloy's health.

    Such a message waits, looked at ever more rarely, until it can be; it is never given up.
    """


def delivers(kind: str, *, latest_wins: bool = False) -> Callable[[Handler], Handler]:
    """Register the decorated function as the one that delivers messages of this kind.

    It makes the call to Alloy and returns when Alloy has taken the message. Otherwise it raises a
    `TemporaryError` (tried again) or a `PermanentError` (dead letter). It may run twice, and runs
    in a thread of its own, outside any transaction.

    Where the `latest_wins`, a message is worth nothing once a later one of its group has arrived:
    sent then, the older would overwrite the newer.
    """

    def register(handler: Handler) -> Handler:
        known = _handlers.setdefault(kind, handler)
        if (known.__module__, known.__qualname__) != (handler.__module__, handler.__qualname__):
            raise ImproperlyConfigured(
                f"{known.__module__}.{known.__qualname__} delivers {kind!r} already."
            )
        if latest_wins:
            _latest_wins.add(kind)
        return handler

    return register


def handler_for(kind: str) -> Handler:
    """Return the handler of a kind; `KeyError` when none is registered."""
    return _handlers[kind]


def does_latest_win(kind: str) -> bool:
    """Say whether a message of this kind is worth nothing once a later one has arrived."""
    return kind in _latest_wins
