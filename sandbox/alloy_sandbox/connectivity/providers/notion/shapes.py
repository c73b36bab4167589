"""Notion's JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.conf import settings

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.providers.notion.bodies import Paging
from alloy_sandbox.connectivity.providers.notion.errors import invalid_body
from alloy_sandbox.core import ids
from alloy_sandbox.core.http import moment
from alloy_sandbox.core.models import NotionBlock, NotionDatabase, NotionPage

BOT = {"object": "user", "id": ids.fixed_block_id("Alloy Automation")}

Row = TypeVar("Row", NotionPage, NotionPage | NotionDatabase, NotionPage | NotionBlock)


def page_json(page: NotionPage) -> Json:
    return {
        **_head("page", page),
        "cover": page.cover,
        "icon": page.icon,
        "parent": _parent(page),
        "properties": page.properties,
        "url": page_url(page),
        "public_url": None,
    }


def page_url(page: NotionPage) -> str:
    """The page's address for people: in the sandbox's own dashboard, since Notion has no such."""
    return f"{settings.SANDBOX_ORIGIN}/dashboard/services/notion/{page.object_id}"


def database_json(database: NotionDatabase) -> Json:
    text = {"content": database.title, "link": None}
    return {
        **_head("database", database),
        "title": [{"type": "text", "text": text, "plain_text": database.title, "href": None}],
        "description": [],
        "is_inline": False,
        "parent": {"type": "workspace", "workspace": True},
        "properties": database.properties,
        "url": f"{settings.SANDBOX_ORIGIN}/dashboard/services/{database.account_id}",
    }


def block_json(block: NotionBlock | NotionPage) -> Json:
    return blocks_json([block])[0]


def blocks_json(rows: Sequence[NotionBlock | NotionPage]) -> list[Json]:
    """The blocks, each with whether there is something inside: asked once for all of them."""
    keys = [row.pk for row in rows]
    inside = NotionBlock.objects.filter(archived=False)
    filled = {
        *inside.filter(parent__in=keys).values_list("parent_id", flat=True),
        *inside.filter(page__in=keys).values_list("page_id", flat=True),
    }
    return [{**_as_block(row), "has_children": row.pk in filled} for row in rows]


def _as_block(row: NotionBlock | NotionPage) -> Json:
    """To Notion a page is a block as well: one that has a title."""
    if isinstance(row, NotionPage):
        kind, content, parent = "child_page", {"title": row.title}, _parent(row)
    else:
        kind, content, parent = row.type, row.content, _block_parent(row)
    return {**_head("block", row), "parent": parent, "type": kind, kind: content}


def list_json(kind: str, results: list[Json], next_cursor: str | None) -> Json:
    return {
        "object": "list",
        "results": results,
        "next_cursor": next_cursor,
        "has_more": next_cursor is not None,
        "type": kind,
        kind: {},
    }


def cut(rows: list[Row], paging: Paging) -> tuple[list[Row], str | None]:
    """Return the rows of one page, and the id of the row with which the next one begins."""
    start = 0
    if paging.start_cursor:
        start = _place(rows, paging.start_cursor)
    end = start + paging.page_size
    return rows[start:end], str(rows[end].object_id) if end < len(rows) else None


def _place(rows: list[Any], cursor: str) -> int:
    for place, row in enumerate(rows):
        if str(row.object_id) == cursor:
            return place
    raise invalid_body("start_cursor", f"is not valid: `{cursor}`.")


def _head(kind: str, row: NotionPage | NotionDatabase | NotionBlock) -> Json:
    return {
        "object": kind,
        "id": str(row.object_id),
        "created_time": moment(row.created_at),
        "last_edited_time": moment(row.edited_at),
        "created_by": BOT,
        "last_edited_by": BOT,
        "archived": row.archived,
        "in_trash": row.archived,
    }


def _parent(page: NotionPage) -> Json:
    if page.database_id:
        return {"type": "database_id", "database_id": str(page.database_id)}
    if page.parent_page_id:
        return {"type": "page_id", "page_id": str(page.parent_page_id)}
    return {"type": "workspace", "workspace": True}


def _block_parent(block: NotionBlock) -> Json:
    if block.parent_id:
        return {"type": "block_id", "block_id": str(block.parent_id)}
    return {"type": "page_id", "page_id": str(block.page_id)}
