"""One answer from Alloy, and what its status says: a value or the right error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic_core import from_json

from integrations.alloy.call import Call
from integrations.alloy.errors import (
    AlloyError,
    BadAnswer,
    NotFound,
    RateLimited,
    Refused,
    ServerFault,
    TemporaryError,
    Unauthorized,
)
from integrations.alloy.text import clean, mask

_LONGEST_WAIT = 24 * 60 * 60.0  # seconds; a larger Retry-After is an accident


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A complete answer of any status to a call.

    Header names are case-insensitive. The body may hold a token, so ``repr`` leaves it out.
    """

    call: Call
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    request_id: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the body parsed as strict JSON.

        Raises the error that fits when the status is not 2xx, and ``BadAnswer`` when the body is
        not JSON: an HTML page, nothing at all, cut off, NaN, half a surrogate pair, too deep.
        """
        if not self.ok:
            raise self.error()
        try:
            return from_json(self.body, allow_inf_nan=False)
        except ValueError as error:
            raise self.bad(f"with a body that is not JSON ({self._kind_of_body()})") from error

    def bad(self, what: str) -> BadAnswer:
        """Return the error for an answer that cannot be used although its status is fine."""
        return BadAnswer(
            f"Alloy answered {self.call.label} {what}.",
            status=self.status,
            request_id=self.request_id,
            ambiguous=not self.call.is_safe,
        )

    def error(self) -> AlloyError:
        """Return the error that this answer's status stands for."""
        detail = self.detail
        message = f"Alloy answered {self.status} to {self.call.label}"
        message += f": {detail}" if detail else "."
        kind = _kind_of_error(self.status)
        if not issubclass(kind, TemporaryError):
            return kind(message, status=self.status, request_id=self.request_id, detail=detail)
        return kind(
            message,
            status=self.status,
            request_id=self.request_id,
            detail=detail,
            retry_after=retry_after(self.headers.get("Retry-After")),
            ambiguous=not self.call.is_safe and self._may_have_been_acted_on,
        )

    @property
    def _may_have_been_acted_on(self) -> bool:
        return self.status != 503 and not 400 <= self.status < 500

    @property
    def detail(self) -> str:
        """Alloy's own explanation, masked and shortened, or "" where there is none."""
        try:
            text = _message_in(from_json(self.body))
        except ValueError:
            plain = self.headers.get("Content-Type", "").startswith("text/plain")
            text = self.body[:1000].decode(errors="replace") if plain else ""
        return clean(mask(text, self.call.key, longest=4000), longest=300)

    def _kind_of_body(self) -> str:
        media_type = self.headers.get("Content-Type", "").partition(";")[0]
        return f"{len(self.body)} bytes of {clean(media_type, longest=60) or 'no named type'}"


def retry_after(value: str | None) -> float | None:
    """Return a Retry-After header (seconds, or an HTTP date) as seconds from now.

    None where there is none or it makes no sense; a date in the past is 0.
    """
    value = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,12}", value):
        return min(float(value), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _kind_of_error(status: int) -> type[AlloyError]:
    if status in (401, 403):
        return Unauthorized
    if status in (404, 410):
        return NotFound
    if status == 429:
        return RateLimited
    if status in (408, 425) or status >= 500:
        return ServerFault
    # A redirect is never followed: it is not Alloy who sends one, but something in between.
    return Refused if status >= 400 else BadAnswer


def _message_in(payload: Any) -> str:
    """Return the message of an error body: ``{"message"}``, ``{"error": {"message"}}``, ..."""
    if not isinstance(payload, dict):
        return ""
    for candidate in (payload.get("message"), payload.get("error")):
        if isinstance(candidate, dict):
            return _message_in(candidate)
        if isinstance(candidate, str):
            return candidate
    return ""
