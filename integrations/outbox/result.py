"""How one call went, and what that means for the message and for Alloy's health."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from integrations.alloy import (
    AlloyError,
    PermanentError,
    RateLimited,
    ServerFault,
    TemporaryError,
    Unauthorized,
    Unreachable,
)
from integrations.models import Attempt
from integrations.tenants import NotProvisionedYet

Outcome = Attempt.Outcome


@dataclass
class Result:
    """The outcome of one attempt; `seconds` it took, `retry_after` is what Alloy asked for."""

    outcome: Attempt.Outcome
    error: str = ""
    status: int | None = None
    retry_after: float | None = None
    alloy_answered: bool = True
    alloy_is_down: bool = False
    blames_the_message: bool = True
    seconds: float = 0.0

    @classmethod
    def accepted(cls) -> Self:
        return cls(Outcome.ACCEPTED, status=200)

    @classmethod
    def from_alloy(cls, error: AlloyError) -> Self:
        """A refused key is nobody's dead letter: every message waits until the key is mended."""
        key_refused = isinstance(error, Unauthorized)
        temporary = isinstance(error, TemporaryError)
        if isinstance(error, PermanentError) and not key_refused:
            outcome = Outcome.REFUSED
        elif isinstance(error, TemporaryError) and error.ambiguous:
            outcome = Outcome.AMBIGUOUS
        else:
            outcome = Outcome.TEMPORARY
        return cls(
            outcome,
            error=str(error),
            status=error.status,
            retry_after=error.retry_after if isinstance(error, TemporaryError) else None,
            alloy_answered=not temporary,
            alloy_is_down=key_refused or isinstance(error, (Unreachable, ServerFault, RateLimited)),
            blames_the_message=not key_refused and not isinstance(error, NotProvisionedYet),
        )

    @classmethod
    def from_bug(cls, error: Exception) -> Self:
        """Our own mistake: worth another try after the next release, and no news about Alloy."""
        return cls(
            Outcome.AMBIGUOUS, error=f"{type(error).__name__}: {error}", alloy_answered=False
        )
