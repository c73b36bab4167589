"""The content of pages: reading, appending and deleting blocks."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Max

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.providers.notion.bodies import NewBlocks, Paging
from alloy_sandbox.connectivity.providers.notion.errors import (
    IN_TRASH,
    invalid_body,
    not_found,
    notion_error,
)
from alloy_sandbox.connectivity.providers.notion.finding import find_page_or_block, read_id
from alloy_sandbox.connectivity.providers.notion.rich_text import read_rich_text
from alloy_sandbox.connectivity.providers.notion.shapes import (
    block_json,
    blocks_json,
    cut,
    list_json,
)
from alloy_sandbox.core.models import Account, NotionBlock, NotionPage

WITH_TEXT = (
    *("paragraph", "heading_1", "heading_2", "heading_3", "quote", "callout", "code", "to_do"),
    *("bulleted_list_item", "numbered_list_item", "toggle"),
)
KNOWN = (*WITH_TEXT, "divider", "bookmark", "embed", "image", "equation", "table_of_contents")
DEEPEST = 2
LONGEST = 100


def list_children(account: Account, *, block_id: str, query: Paging) -> Json:
    """List what is directly inside a page or block, without what is in the trash.

    Pages below a page are among its blocks, as `child_page`: whoever deletes that block deletes
    the page.
    """
    found = find_page_or_block(account, block_id)
    inside: list[NotionPage | NotionBlock] = list(children_of(found).filter(archived=False))
    if isinstance(found, NotionPage):
        inside += found.pages.filter(archived=False).order_by("created_at")
    rows, next_cursor = cut(inside, query)
    return list_json("block", blocks_json(rows), next_cursor)


def append_children(account: Account, *, block_id: str, body: NewBlocks) -> Json:
    """Append blocks at the end, or behind the block named `after`."""
    found = find_page_or_block(account, block_id)
    page = found if isinstance(found, NotionPage) else found.page
    parent = None if isinstance(found, NotionPage) else found
    if page.archived or found.archived:
        raise notion_error(400, IN_TRASH)
    blocks = read_blocks(body.children)
    place = _make_room(found, body.after, len(blocks)) if body.after else _end_of(found)
    made = add_blocks(page, blocks, parent=parent, place=place)
    page.save(update_fields=["edited_at"])
    return list_json("block", blocks_json(made), None)


def retrieve_block(account: Account, *, block_id: str) -> Json:
    return block_json(find_page_or_block(account, block_id))


def delete_block(account: Account, *, block_id: str) -> Json:
    """Move a block, or a whole page, to the trash."""
    found = find_page_or_block(account, block_id)
    if found.archived:
        raise notion_error(400, IN_TRASH)
    found.archived = True
    found.save(update_fields=["archived", "edited_at"])
    if isinstance(found, NotionBlock):
        found.page.save(update_fields=["edited_at"])
    return block_json(found)


def children_of(found: NotionPage | NotionBlock) -> Any:
    """Return what is directly inside, in order."""
    if isinstance(found, NotionPage):
        return found.blocks.filter(parent=None)
    return found.children.all()


def read_blocks(given: list[Json], where: str = "children", depth: int = 1) -> list[Json]:
    """Return blocks as {"type", "content", "children"}; raises a validation error."""
    if len(given) > LONGEST:
        raise invalid_body(
            f"{where}.length", f"should be ≤ `{LONGEST}`, instead was `{len(given)}`."
        )
    if given and depth > DEEPEST:
        raise invalid_body(where, f"should be not present below {DEEPEST} levels.")
    return [_read_block(each, f"{where}[{n}]", depth) for n, each in enumerate(given)]


def add_blocks(
    page: NotionPage, blocks: list[Json], *, parent: NotionBlock | None = None, place: int = 0
) -> list[NotionBlock]:
    """Create the blocks and, below each, its children; return the upper ones."""
    made = []
    for offset, block in enumerate(blocks):
        row = NotionBlock.objects.create(
            page=page,
            parent=parent,
            position=place + offset,
            type=block["type"],
            content=block["content"],
        )
        add_blocks(page, block["children"], parent=row)
        made.append(row)
    return made


def _read_block(given: Any, where: str, depth: int) -> Json:
    kind = given.get("type") or next((key for key in given if key in KNOWN), None)
    if kind not in KNOWN:
        names = ", ".join(f"`{name}`" for name in KNOWN)
        raise invalid_body(f"{where}.type", f"should be one of {names}, instead was `{kind}`.")
    content = given.get(kind)
    if not isinstance(content, dict):
        raise invalid_body(f"{where}.{kind}", "should be defined, instead was `undefined`.")
    return _read_content(kind, content, f"{where}.{kind}", depth)


def _read_content(kind: str, content: Json, where: str, depth: int) -> Json:
    content = dict(content)
    children = content.pop("children", [])
    if not isinstance(children, list) or not all(isinstance(each, dict) for each in children):
        raise invalid_body(f"{where}.children", "should be an array of blocks.")
    if kind in WITH_TEXT:
        words = read_rich_text(content.get("rich_text"), f"{where}.rich_text")
        content = {"color": "default", **content, "rich_text": words}
    return {
        "type": kind,
        "content": content,
        "children": read_blocks(children, f"{where}.children", depth + 1),
    }


def _end_of(found: NotionPage | NotionBlock) -> int:
    last = children_of(found).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def _make_room(found: NotionPage | NotionBlock, after: str, count: int) -> int:
    """Move what stands behind `after`; return the first place behind it."""
    before = children_of(found).filter(pk=read_id(after, "after")).first()
    if before is None:
        raise not_found("block", after)
    children_of(found).filter(position__gt=before.position).update(position=F("position") + count)
    place: int = before.position + 1
    return place
