"""Masks what must never be logged: the API key, webhook tokens, JWTs, signatures, credentials.

What a secret looks like is listed in `alloy/text.py`; this adds the secrets of the settings.
"""

from __future__ import annotations

from typing import Any

from integrations import conf
from integrations.alloy.text import mask

LONGEST = 100_000
"""Characters of one text that are worth logging, storing or showing; the rest is cut off."""
LONGEST_REASON = 120


def redact(text: str, *, longest: int = LONGEST) -> str:
    """Return the text's beginning with everything secret masked; safe to log, store and show."""
    # PostgreSQL stores neither NUL nor half a surrogate pair, and exceptions quote the input.
    storable = text.replace("\0", "").encode(errors="replace").decode()
    return mask(storable, *conf.secrets(), longest=longest)


def reason(error: str) -> str:
    """Return an error in one line: of a traceback the last, which names the exception."""
    lines = [line for line in redact(error).splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    return last if len(last) <= LONGEST_REASON else f"{last[: LONGEST_REASON - 1]}…"


def redact_event(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Mask secrets in every value of a log line; a structlog processor."""
    return {key: _redact_value(value) for key, value in event.items()}


def _redact_value(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _redact_value(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redact_value(each) for each in value]
    if isinstance(value, (int, float, bool, type(None))):
        return value
    return redact(str(value))
