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
_kinds_of_news: set[str] = set()


def delivers(kind: str, *, is_news: bool = False) -> Callable[[Handler], Handler]:
    """Register the decorated function as the one that delivers messages of this kind.

    It makes the call to Alloy and returns when Alloy has taken the message. Otherwise it raises a
    `TemporaryError` (tried again) or a `PermanentError` (dead letter). It may run twice.

    A message that `is_news` is worth nothing once a later one of its lane has arrived: sent then,
    it would overwrite newer news.
    """

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        if is_news:
            _kinds_of_news.add(kind)
        return handler

    return register


def is_news(kind: str) -> bool:
    """Say whether a later message makes those of this kind worthless."""
    return kind in _kinds_of_news


def handler_for(kind: str) -> Handler:
    """Return the handler of a kind; `KeyError` when none is registered."""
    return _handlers[kind]
