"""The filters of database queries: a useful part of what Notion knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.providers.notion.errors import invalid_body, notion_error
from alloy_sandbox.connectivity.providers.notion.rich_text import plain_text
from alloy_sandbox.core.models import NotionPage

DEEPEST = 2
CONDITIONS: dict[str, Callable[[str, str], bool]] = {
    "equals": lambda value, wanted: value == wanted,
    "does_not_equal": lambda value, wanted: value != wanted,
    "contains": lambda value, wanted: wanted.lower() in value.lower(),
    "does_not_contain": lambda value, wanted: wanted.lower() not in value.lower(),
    "starts_with": lambda value, wanted: value.lower().startswith(wanted.lower()),
    "ends_with": lambda value, wanted: value.lower().endswith(wanted.lower()),
    "before": lambda value, wanted: bool(value) and value < wanted,
    "after": lambda value, wanted: value > wanted,
    "on_or_before": lambda value, wanted: bool(value) and value[: len(wanted)] <= wanted,
    "on_or_after": lambda value, wanted: value >= wanted,
    "is_empty": lambda value, wanted: not value,
    "is_not_empty": lambda value, wanted: bool(value),
}


def meets(page: NotionPage, condition: Json, depth: int = 0) -> bool:
    """Whether a row meets a filter: `and`, `or`, or one condition on one property."""
    if depth > DEEPEST:
        raise invalid_body("filter", f"should not be nested deeper than {DEEPEST} levels.")
    if "and" in condition:
        return all(meets(page, each, depth + 1) for each in _parts(condition, "and"))
    if "or" in condition:
        return any(meets(page, each, depth + 1) for each in _parts(condition, "or"))
    value = page.properties.get(str(condition.get("property")))
    if value is None:
        name = condition.get("property")
        raise notion_error(400, f"Could not find property with name or id: {name}")
    wanted = condition.get(value["type"])
    if not isinstance(wanted, dict):
        raise invalid_body(f"filter.{value['type']}", "should be defined, instead was `undefined`.")
    return all(_holds(as_text(value), name, limit) for name, limit in wanted.items())


def as_text(value: Json) -> str:
    """Return a property's value as text that can be compared; dates as they are written."""
    content = value[value["type"]]
    if content is None:
        return ""
    match value["type"]:
        case "title" | "rich_text":
            return plain_text(content)
        case "date":
            return str(content["start"])
        case "select" | "status":
            return str(content["name"])
    return str(content)


def _parts(condition: Json, name: str) -> list[Json]:
    parts = condition[name]
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise invalid_body(f"filter.{name}", "should be an array of filters.")
    return parts


def _holds(value: str, name: str, wanted: Any) -> bool:
    if name not in CONDITIONS:
        raise invalid_body(f"filter.{name}", "is not a condition that the sandbox imitates.")
    return CONDITIONS[name](value, str(wanted))
