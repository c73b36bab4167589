"""Keeps keys and tokens out of the request log."""

from __future__ import annotations

import re

LONGEST_BODY_KEPT = 4000
MASK = "•••"

# Values of these keys, in JSON and in query strings; `data` of a credential is full of secrets.
NAMES = r"[\w-]*(?:token|secret|password|api_?key|access_?key|consumer_?key|authorization)[\w-]*"
IN_JSON = re.compile(rf'("{NAMES}"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}}\]]+)', re.IGNORECASE)
IN_QUERY = re.compile(rf"((?:^|&){NAMES}=)[^&]*", re.IGNORECASE)
SANDBOX_KEY = re.compile(r"\bsandbox_[\w-]+")
JWT = re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?")


def mask_body(raw: bytes) -> str:
    """Return the body as text for people: secrets masked, cut after 4,000 characters."""
    text = raw[: 4 * LONGEST_BODY_KEPT].decode(errors="replace")
    text = _mask_keys(IN_JSON.sub(rf'\1"{MASK}"', text))
    return text if len(text) <= LONGEST_BODY_KEPT else text[:LONGEST_BODY_KEPT] + "…"


def mask_query(query: str) -> str:
    return _mask_keys(IN_QUERY.sub(rf"\1{MASK}", query))


def _mask_keys(text: str) -> str:
    return JWT.sub(MASK, SANDBOX_KEY.sub(MASK, text))
