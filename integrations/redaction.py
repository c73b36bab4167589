"""Masks what must never be logged: the API key, webhook tokens, JWTs, signatures, credentials."""

from __future__ import annotations

import re
from typing import Any

from integrations import conf

_MASK = "[masked]"
_PATTERNS = (
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*"), _MASK),  # a JWT, wherever it stands
    (re.compile(r"(/webhooks/alloy/)[^/\s\"']+"), rf"\1{_MASK}"),
    (re.compile(r"(/connections/callback/)[^/\s\"']+"), rf"\1{_MASK}"),
    (re.compile(r"(?i)\b(bearer\s+)[\w.~+/=-]+"), rf"\1{_MASK}"),
    (
        re.compile(
            r"(?i)\b(authorization|x-alloy-signature|x-alloy-user-token)(['\":=\s]+)[^\s'\",}]+"
        ),
        rf"\1\2{_MASK}",
    ),
    (re.compile(r"(?i)([?&]token=)[^&\s\"']+"), rf"\1{_MASK}"),  # an Alloy Link's
    (re.compile(r"[0-9a-fA-F]{256,}"), _MASK),  # an RSA signature in hex
    (re.compile(r"\bsandbox_\w+"), _MASK),
)


def redact(text: str) -> str:
    """Return the text with everything secret masked; safe to log, to store and to show."""
    # PostgreSQL stores neither NUL nor half a surrogate pair, and exceptions quote what came in.
    text = text.replace("\0", "").encode(errors="replace").decode()
    for secret in filter(None, conf.secrets()):
        text = text.replace(secret, _MASK)
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
