"""Notion's limits, in Notion's own units: a text is counted in UTF-16."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import PydanticCustomError

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.providers.notion.errors import notion_error

LONGEST_TEXT = 2000
MOST_BLOCKS = 1000
MOST_BYTES = 500_000


def within_a_text(text: str) -> str:
    """Return the text; raises for one of more than 2,000 UTF-16 units: an emoji has two."""
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length > LONGEST_TEXT:
        sizes = {"max_length": LONGEST_TEXT, "actual_length": length}
        raise PydanticCustomError("string_too_long", "too long", sizes)
    return text


def check_size(body: Json) -> None:
    """Raise Notion's error for a request of more than 1,000 blocks or 500 kB."""
    blocks = _count(body)
    if blocks > MOST_BLOCKS:
        raise notion_error(
            400,
            f"body failed validation: at most {MOST_BLOCKS} blocks, instead of {blocks}.",
        )
    size = len(json.dumps(body, ensure_ascii=False).encode())
    if size > MOST_BYTES:
        raise notion_error(400, f"Request body too large: {size} bytes, at most {MOST_BYTES}.")


def _count(value: Any) -> int:
    """Return how many blocks are below: whatever stands in a list of children."""
    if isinstance(value, list):
        return sum(map(_count, value))
    if not isinstance(value, dict):
        return 0
    children = value.get("children")
    own = len(children) if isinstance(children, list) else 0
    return own + sum(map(_count, value.values()))
