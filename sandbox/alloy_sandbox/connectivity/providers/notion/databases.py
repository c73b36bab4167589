"""Databases: their description, and queries for their rows."""

from __future__ import annotations

from typing import Any

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.providers.notion.bodies import RowQuery, RowSort
from alloy_sandbox.connectivity.providers.notion.conditions import as_text, meets
from alloy_sandbox.connectivity.providers.notion.errors import notion_error
from alloy_sandbox.connectivity.providers.notion.finding import find_database
from alloy_sandbox.connectivity.providers.notion.shapes import (
    cut,
    database_json,
    list_json,
    page_json,
)
from alloy_sandbox.core.models import Account, NotionDatabase, NotionPage


def retrieve_database(account: Account, *, database_id: str) -> Json:
    return database_json(find_database(account, database_id))


def query_database(account: Account, *, database_id: str, body: RowQuery) -> Json:
    """List the rows that meet the filter, the newest first unless sorted otherwise."""
    database = find_database(account, database_id)
    pages = database.pages.filter(archived=False).order_by("-created_at")
    found = [page for page in pages if body.filter is None or meets(page, body.filter)]
    for sort in reversed(body.sorts):
        found.sort(key=_key(database, sort), reverse=sort.direction == "descending")
    rows, next_cursor = cut(found, body)
    return list_json("page_or_database", [page_json(row) for row in rows], next_cursor)


def _key(database: NotionDatabase, sort: RowSort) -> Any:
    if sort.timestamp:
        name = "created_at" if sort.timestamp == "created_time" else "edited_at"
        return lambda page: getattr(page, name)
    if sort.property not in database.properties:
        raise notion_error(400, f"Could not find sort property with name or id: {sort.property}")

    def by_property(page: NotionPage) -> str:
        return as_text(page.properties[sort.property])

    return by_property
