"""Properties of pages, and the filters of database queries: a useful part of what Notion knows.

Outside of a database a page has only a title, inside what the database says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alloy_sandbox.connectivity.service import Refusal
from alloy_sandbox.connectivity.services.notion.text import invalid, plain_text, read_rich_text
from alloy_sandbox.core.api import Json
from alloy_sandbox.core.models import Item

TITLE_ONLY: Json = {"title": {"id": "title", "name": "title", "type": "title", "title": {}}}
WORDS = {"title", "rich_text"}
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


def read_properties(given: Json, database: Item | None) -> Json:
    """Return the given properties as Notion keeps them.

    Refuses a property that the page cannot have, or of another type.
    """
    read: Json = {}
    for name, value in given.items():
        described = _described(database, name)
        read[described["name"]] = _read_value(described, value)
    return read


def empty_properties(database: Item | None) -> Json:
    """Return what a page has before anything is said: every property of the database, empty."""
    return {
        name: _value(described, _nothing(described["type"]))
        for name, described in _schema(database).items()
    }


def title_of(properties: Json) -> str:
    titles = (value["title"] for value in properties.values() if value["type"] == "title")
    return plain_text(next(titles, []))


def _schema(database: Item | None) -> Json:
    schema: Json = database.data["properties"] if database else TITLE_ONLY
    return schema


def _described(database: Item | None, name: str) -> Json:
    """Find a property by its name or its id; the id of the title is always "title"."""
    for described in _schema(database).values():
        if name in (described["name"], described["id"]):
            found: Json = described
            return found
    raise Refusal(400, f"{name} is not a property that exists.")


def _read_value(described: Json, given: Any) -> Json:
    """Read `{"title": [...]}` or, as Notion does for a title, the bare list."""
    kind, name = described["type"], described["name"]
    if kind == "title" and isinstance(given, list):
        given = {"title": given}
    if not isinstance(given, dict) or kind not in given:
        raise Refusal(400, f"{name} is expected to be {kind}.")
    value = given[kind]
    if kind in WORDS:
        return _value(described, read_rich_text(value, f"properties.{name}.{kind}"))
    is_date = isinstance(value, dict) and isinstance(value.get("start"), str)
    if kind == "date" and value is not None and not is_date:
        raise invalid(f"properties.{name}.date.start", "should be a valid ISO 8601 date.")
    return _value(described, value)


def _value(described: Json, value: Any) -> Json:
    return {"id": described["id"], "type": described["type"], described["type"]: value}


def _nothing(kind: str) -> Any:
    if kind in WORDS | {"multi_select", "people", "files", "relation"}:
        return []
    return False if kind == "checkbox" else None


def meets(page: Item, condition: Json, depth: int = 0) -> bool:
    """Say whether a row meets a filter: `and`, `or`, or one condition on one property."""
    if depth > DEEPEST:
        raise invalid("filter", f"should not be nested deeper than {DEEPEST} levels.")
    for name, combine in (("and", all), ("or", any)):
        if name in condition:
            parts = condition[name]
            if not isinstance(parts, list) or not all(isinstance(each, dict) for each in parts):
                raise invalid(f"filter.{name}", "should be an array of filters.")
            return combine(meets(page, each, depth + 1) for each in parts)
    name = str(condition.get("property"))
    value = page.data["properties"].get(name)
    if value is None:
        raise Refusal(400, f"Could not find property with name or id: {name}")
    wanted = condition.get(value["type"])
    if not isinstance(wanted, dict):
        raise invalid(f"filter.{value['type']}", "should be defined, instead was `undefined`.")
    return all(_holds(as_text(value), each, limit) for each, limit in wanted.items())


def as_text(value: Json) -> str:
    """Return a property's value as text that can be compared; dates as they are written."""
    content = value[value["type"]]
    match value["type"]:
        case _ if content is None:
            return ""
        case "title" | "rich_text":
            return plain_text(content)
        case "date":
            return str(content["start"])
        case "select" | "status" if isinstance(content, dict):
            return str(content.get("name"))
    return str(content)


def _holds(value: str, name: str, wanted: Any) -> bool:
    if name not in CONDITIONS:
        raise invalid(f"filter.{name}", "is not a condition that the sandbox imitates.")
    return CONDITIONS[name](value, str(wanted))
