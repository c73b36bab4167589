"""Searching a workspace by title."""

from __future__ import annotations

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.providers.notion.bodies import Search
from alloy_sandbox.connectivity.providers.notion.shapes import (
    cut,
    database_json,
    list_json,
    page_json,
)
from alloy_sandbox.core.models import Account, NotionDatabase, NotionPage


def search(account: Account, *, body: Search) -> Json:
    """Find pages and databases whose title contains the words, the last edited first.

    Like Notion it finds too much: "Weekly" finds "Weekly review". What is in the trash it does not
    find.
    """
    newest_first = body.sort is None or body.sort.direction == "descending"
    found = sorted(_found(account, body), key=lambda row: row.edited_at, reverse=newest_first)
    rows, next_cursor = cut(found, body)
    return list_json("page_or_database", [_json(row) for row in rows], next_cursor)


def _found(account: Account, body: Search) -> list[NotionPage | NotionDatabase]:
    wanted = body.filter.value if body.filter else None
    found: list[NotionPage | NotionDatabase] = []
    if wanted != "database":
        found += account.notion_pages.filter(title__icontains=body.query, archived=False)
    if wanted != "page":
        found += account.notion_databases.filter(title__icontains=body.query, archived=False)
    return found


def _json(row: NotionPage | NotionDatabase) -> Json:
    return page_json(row) if isinstance(row, NotionPage) else database_json(row)
