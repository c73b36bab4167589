"""Masks what must never be logged: the API key, webhook tokens, JWTs, signatures, credentials."""

from __future__ import annotations

import re
from typing import Any

_MASK = "[masked]"
_PATTERNS = (
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*"), _MASK),  # a JWT, wherever it stands
    (re.compile(r"(/webhooks/alloy/)[^/\s\"']+"), rf"\1{_MASK}"),
    (re.compile(r"(?i)\b(bearer\s+)[\w.~+/=-]+"), rf"\1{_MASK}"),
    (
        re.compile(
            r"(?i)\b(authorization|x-alloy-signature|x-alloy-user-token)(['\":=\s]+)[^\s'\",}]+"
        ),
        rf"\1\2{_MASK}",
    ),
    (re.compile(r"\b[0-9a-fA-F]{256,}\b"), _MASK),  # an RSA signature in hex
    (re.compile(r"\bsandbox_\w+"), _MASK),
)


def redact(text: str) -> str:
    """Return the text with everything secret masked; safe to log, to store and to show."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_event(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor that masks secrets in every value of the log line."""
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
