"""Makes text that came from Alloy fit to log, store and show."""

from __future__ import annotations

import re

from pydantic import SecretStr

# Control characters, and the marks that let text read in another order than it is written.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_SECRETS = (
    re.compile(r"eyJ[\w-]+\.[\w-]+(\.[\w-]*)?"),  # a JWT
    re.compile(r"(?i)(?<=bearer )\S+"),
    re.compile(r"(?i)(?<=token=)[^\s&\"']+"),
    re.compile(
        r"(?<=/webhooks/alloy/)[^/\s\"']+"
    ),  # what proves that a webhook is for this account
    re.compile(r"[0-9a-fA-F]{256,}"),  # a signature
)


def clean(text: str, *, longest: int) -> str:
    """Return the text on one line, without control characters, at most ``longest`` characters."""
    # Cut first and generously: what is thrown away need not be searched.
    line = _INVISIBLE.sub(" ", text[: longest * 4]).strip()
    return line if len(line) <= longest else line[: longest - 1] + "…"


def mask(text: str, api_key: SecretStr | None) -> str:
    """Return the text without the API key and whatever else looks like a token."""
    if api_key:
        text = text.replace(api_key.get_secret_value(), "[masked]")
    for pattern in _SECRETS:
        text = pattern.sub("[masked]", text)
    return text
