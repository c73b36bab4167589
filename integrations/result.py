"""How one try went, and what that means for the message and for Alloy's health."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Self

from integrations.alloy import AlloyError, ProviderBusy, RateLimited, TemporaryError, Unauthorized
from integrations.handlers import NotYet
from integrations.models import Attempt
from integrations.redaction import redact

Outcome = Attempt.Outcome


class Health(Enum):
    """What a try says about Alloy itself. `BUSY`: it is well, and wants fewer calls."""

    UP = auto()
    BUSY = auto()
    DOWN = auto()
    UNKNOWN = auto()


@dataclass
class Result:
    """The outcome of one attempt; `seconds` it took, `retry_after` is what Alloy asked for."""

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
        """A refused key is nobody's dead letter: every message waits until the key is mended."""
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
        """Our own mistake: worth another try after the next release, and no news about Alloy."""
        return cls(Outcome.AMBIGUOUS, error=redact(f"{type(error).__name__}: {error}"))


def _health(error: TemporaryError) -> Health:
    match error:
        case NotYet():
            return Health.UNKNOWN
        case RateLimited():
            return Health.BUSY
        case ProviderBusy():
            return Health.UP  # a service behind Alloy is busy, Alloy itself is well
    return Health.DOWN
