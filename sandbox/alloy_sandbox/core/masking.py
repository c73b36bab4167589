"""Keeps keys and tokens out of the request log."""

from __future__ import annotations

import re
from typing import Any

LONGEST_BODY_KEPT = 4000
MASK = "•••"

# Values of these keys, in JSON and in query strings; `data` of a credential is full of secrets.
NAMES = r"[\w-]*(?:token|secret|password|api_?key|access_?key|consumer_?key|authorization)[\w-]*"
IN_JSON = re.compile(rf'("{NAMES}"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}}\]]+)', re.IGNORECASE)
IN_QUERY = re.compile(rf"((?:^|&){NAMES}=)[^&]*", re.IGNORECASE)
IN_URL = re.compile(rf"([?&]{NAMES}=)[^&#]*", re.IGNORECASE)
SECRET_NAME = re.compile(NAMES, re.IGNORECASE)
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


def mask_json(value: Any, name: str = "") -> Any:
    """Return a JSON value with its secrets masked; the shape stays."""
    if isinstance(value, dict):
        return {key: mask_json(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [mask_json(each, name) for each in value]
    if isinstance(value, str) and value and SECRET_NAME.fullmatch(name):
        return MASK
    return _mask_keys(IN_URL.sub(rf"\1{MASK}", value)) if isinstance(value, str) else value
