"""How one try went, and what that means for the message and for Alloy's health."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Self

from integrations.alloy import AlloyError, ProviderBusy, TemporaryError, Unauthorized
from integrations.models import Attempt
from integrations.outbox.handlers import NotYet
from integrations.redaction import redact

Outcome = Attempt.Outcome


class Health(Enum):
    """What a try says about Alloy itself."""

    UP = auto()
    DOWN = auto()
    UNKNOWN = auto()


@dataclass
class Result:
    """The outcome of one attempt; `seconds` it took, `retry_after` is what Alloy asked for."""

    outcome: Attempt.Outcome
    health: Health = Health.UNKNOWN
    error: str = ""
    status: int | None = None
    retry_after: float | None = None
    blames_the_message: bool = True
    seconds: float = 0.0

    @classmethod
    def accepted(cls) -> Self:
        return cls(Outcome.ACCEPTED, Health.UP, status=200)

    @classmethod
    def from_alloy(cls, error: AlloyError) -> Self:
        """A refused key is nobody's dead letter: every message waits until the key is mended."""
        told = redact(str(error))
        if isinstance(error, NotYet):
            return cls(Outcome.TEMPORARY, error=told, blames_the_message=False)
        if isinstance(error, TemporaryError):
            # Where it is a service behind Alloy that is busy, Alloy itself is well.
            health = Health.UP if isinstance(error, ProviderBusy) else Health.DOWN
            return cls(
                Outcome.AMBIGUOUS if error.ambiguous else Outcome.TEMPORARY,
                health,
                error=told,
                status=error.status,
                retry_after=error.retry_after,
            )
        if isinstance(error, Unauthorized):
            return cls(
                Outcome.TEMPORARY,
                Health.DOWN,
                error=told,
                status=error.status,
                blames_the_message=False,
            )
        # Without a status there was no answer: the request could not even be written down.
        health = Health.UP if error.status else Health.UNKNOWN
        return cls(Outcome.REFUSED, health, error=told, status=error.status)

    @classmethod
    def from_bug(cls, error: Exception) -> Self:
        """Our own mistake: worth another try after the next release, and no news about Alloy."""
        return cls(Outcome.AMBIGUOUS, error=redact(f"{type(error).__name__}: {error}"))
