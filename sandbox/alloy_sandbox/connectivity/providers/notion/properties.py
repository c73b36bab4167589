"""Properties of pages: only a title outside of a database, what the database says inside."""

from __future__ import annotations

from typing import Any

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.providers.notion.errors import invalid_body, notion_error
from alloy_sandbox.connectivity.providers.notion.rich_text import plain_text, read_rich_text
from alloy_sandbox.core.models import NotionDatabase

TITLE_ONLY: Json = {"title": {"id": "title", "name": "title", "type": "title", "title": {}}}
WORDS = {"title", "rich_text"}


def read_properties(given: Json, database: NotionDatabase | None) -> Json:
    """Return the given properties as Notion keeps them.

    Raises a validation error for a property that the page cannot have, or of another type: a page
    in the workspace or below a page has nothing but a `title`.
    """
    schema = database.properties if database else TITLE_ONLY
    read: Json = {}
    for name, value in given.items():
        described = _described(schema, name)
        read[described["name"]] = _read_value(described, value)
    return read


def empty_properties(database: NotionDatabase | None) -> Json:
    """Return what a page has before anything is said: every property of the database, empty."""
    schema = database.properties if database else TITLE_ONLY
    return {
        name: _value(described, _nothing(described["type"])) for name, described in schema.items()
    }


def title_of(properties: Json) -> str:
    for value in properties.values():
        if value["type"] == "title":
            return plain_text(value["title"])
    return ""


def _described(schema: Json, name: str) -> Json:
    """Find a property by its name or its id; the id of the title is always "title"."""
    for described in schema.values():
        if name in (described["name"], described["id"]):
            found: Json = described
            return found
    raise notion_error(400, f"{name} is not a property that exists.")


def _read_value(described: Json, given: Any) -> Json:
    """Read `{"title": [...]}` or, as Notion does for a title, the bare list."""
    kind, name = described["type"], described["name"]
    if kind == "title" and isinstance(given, list):
        given = {"title": given}
    if not isinstance(given, dict) or kind not in given:
        raise notion_error(400, f"{name} is expected to be {kind}.")
    value = given[kind]
    if kind in WORDS:
        return _value(described, read_rich_text(value, f"properties.{name}.{kind}"))
    if kind == "date" and value is not None and not _is_date(value):
        raise invalid_body(f"properties.{name}.date.start", "should be a valid ISO 8601 date.")
    return _value(described, value)


def _is_date(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("start"), str)


def _value(described: Json, value: Any) -> Json:
    return {"id": described["id"], "type": described["type"], described["type"]: value}


def _nothing(kind: str) -> Any:
    if kind in WORDS | {"multi_select", "people", "files", "relation"}:
        return []
    return False if kind == "checkbox" else None
