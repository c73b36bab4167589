"""Sends one message: the handler of its kind makes the call, a `Result` says how that went.

A handler is declared so:

    @delivers("greeting")
    def greet(message: Message) -> None:
        alloy().run_event(...)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Self

import structlog
from django.core.exceptions import ImproperlyConfigured

from integrations import correlation
from integrations.alloy import AlloyError, ProviderBusy, RateLimited, TemporaryError, Unauthorized
from integrations.metrics import ATTEMPTS
from integrations.models import Attempt, Message
from integrations.redaction import redact

log = structlog.get_logger(__name__)

Handler = Callable[[Message], None]
Outcome = Attempt.Outcome

_handlers: dict[str, Handler] = {}
_latest_wins: set[str] = set()


class NotYet(TemporaryError):
    """Cannot be sent yet, which is neither the message's fault nor a sign of Alloy's health.

    Such a message waits, with ever longer back-offs; it never becomes a dead letter.
    """


def delivers(kind: str, *, latest_wins: bool = False) -> Callable[[Handler], Handler]:
    """Register the decorated function as the one that sends messages of this kind.

    It makes the call and returns when Alloy has accepted the message. Otherwise it raises a
    `TemporaryError` (tried again) or a `PermanentError` (dead letter). It may run twice, and runs
    in a thread of its own, outside any transaction.

    `latest_wins`: once a later message of the group has arrived, an earlier one is not sent any
    more, since it would overwrite the newer.
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


def does_latest_win(kind: str) -> bool:
    """Say whether a message of this kind is not sent any more once a later one has arrived."""
    return kind in _latest_wins


class Health(Enum):
    """Alloy's own state, as an attempt shows it. `BUSY`: it is well, and wants fewer calls."""

    UP = auto()
    BUSY = auto()
    DOWN = auto()
    UNKNOWN = auto()


@dataclass
class Result:
    """The outcome of one attempt. `seconds`: how long it took; `retry_after`: as Alloy asked."""

    outcome: Attempt.Outcome = Outcome.STARTED
    health: Health = Health.UNKNOWN
    error: str = ""
    status: int | None = None
    retry_after: float | None = None
    blames_the_message: bool = True
    seconds: float | None = None

    @classmethod
    def accepted(cls) -> Self:
        return cls(Outcome.ACCEPTED, Health.UP, status=200)

    @classmethod
    def from_alloy(cls, error: AlloyError) -> Self:
        """Judge an error. A refused key makes no dead letters: all wait until it is replaced."""
        result = cls(Outcome.REFUSED, error=redact(str(error)), status=error.status)
        if isinstance(error, TemporaryError):
            result.outcome = Outcome.AMBIGUOUS if error.ambiguous else Outcome.TEMPORARY
            result.health, result.retry_after = _health(error), error.retry_after
            result.blames_the_message = not isinstance(error, NotYet | RateLimited)
        elif isinstance(error, Unauthorized):
            result.outcome, result.health = Outcome.TEMPORARY, Health.DOWN
            result.blames_the_message = False
        elif error.status:
            # Without a status there was no answer: the request could not even be written down.
            result.health = Health.UP
        return result

    @classmethod
    def from_bug(cls, error: Exception) -> Self:
        """Judge a bug of ours: worth an attempt after the next release, and not about Alloy."""
        return cls(Outcome.AMBIGUOUS, error=redact(f"{type(error).__name__}: {error}"))


def deliver(message: Message, *, number: int) -> Result:
    """Have the message's handler make the call; return how it went, whatever happened."""
    started = time.monotonic()
    about = message.name or message.kind
    with correlation.continued(message.correlation_id, name=about, since=message.created_at):
        result = _try(message)
        result.seconds = time.monotonic() - started
        ATTEMPTS.labels(message.kind, result.outcome).inc()
        # Success is a row, and counted. A line for each would cost a fifth of what an event costs,
        # and all senders wait for the log in turn: to see them, set this logger to DEBUG.
        write = log.debug if result.outcome is Outcome.ACCEPTED else log.info
        write(
            "message_attempt",
            message=message.pk,
            name=about,
            number=number,
            outcome=result.outcome,
            status=result.status,
            seconds=round(result.seconds, 3),
        )
    return result


def _try(message: Message) -> Result:
    try:
        _handlers[message.kind](message)
    except AlloyError as error:
        return Result.from_alloy(error)
    except Exception as error:
        log.exception("handler_failed", message=message.pk, kind=message.kind)
        return Result.from_bug(error)
    return Result.accepted()


def _health(error: TemporaryError) -> Health:
    match error:
        case NotYet():
            return Health.UNKNOWN
        case RateLimited():
            return Health.BUSY
        case ProviderBusy():
            return Health.UP  # a service behind Alloy is busy, Alloy itself is well
    return Health.DOWN
