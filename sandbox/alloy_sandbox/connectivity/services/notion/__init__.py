"""Notion: pages, blocks, databases and search, as its API of 2022-06-28 has them.

The ids of the actions are the operation ids of Notion's own API description. Rows of a database and
pages below a page have it as their parent, blocks the page or the block that they are in.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Literal

from django.db.models import F, Max, QuerySet
from pydantic import BaseModel, Field, ValidationError

from alloy_sandbox.connectivity.service import Refusal, Service, action, of_kind, shown_at
from alloy_sandbox.connectivity.services.notion.rows import (
    as_text,
    empty_properties,
    meets,
    read_properties,
    title_of,
)
from alloy_sandbox.connectivity.services.notion.text import (
    check_size,
    invalid,
    misunderstood,
    plain_text,
    read_blocks,
)
from alloy_sandbox.core import ids
from alloy_sandbox.core.api import Json, moment
from alloy_sandbox.core.models import Account, Item

PAGE = "/v1/pages/{page_id}"
BLOCK = "/v1/blocks/{block_id}"
DATABASE = "/v1/databases/{database_id}"
BOT = {"object": "user", "id": ids.fixed_block_id("Alloy Automation")}
IN_TRASH = "Can't edit block that is archived. You must unarchive the block before editing."
ABOUT = "This workspace is made up. Pages that your app writes appear beside this one."


class Parent(BaseModel):
    """Where a page is to be: in the workspace, below a page, or in a database."""

    type: Literal["workspace", "page_id", "database_id"] | None = None
    page_id: str | None = None
    database_id: str | None = None
    workspace: Literal[True] | None = None


class NewPage(BaseModel):
    parent: Parent
    properties: Json = Field(default_factory=dict)
    children: list[Json] = Field(default_factory=list, max_length=100)
    icon: Json | None = None
    cover: Json | None = None


class PageChanges(BaseModel):
    """`archived` and `in_trash` are two names for the same."""

    properties: Json = Field(default_factory=dict)
    archived: bool | None = None
    in_trash: bool | None = None
    icon: Json | None = None
    cover: Json | None = None


class Paging(BaseModel):
    start_cursor: str | None = None
    page_size: int = Field(100, ge=1, le=100)


class SearchFilter(BaseModel):
    property: Literal["object"]
    value: Literal["page", "database"]


class SearchSort(BaseModel):
    direction: Literal["ascending", "descending"]
    timestamp: Literal["last_edited_time"] = "last_edited_time"


class Search(Paging):
    query: str = Field("", max_length=2000)
    filter: SearchFilter | None = None
    sort: SearchSort | None = None


class NewBlocks(BaseModel):
    children: list[Json] = Field(max_length=100)
    after: str | None = None


class RowSort(BaseModel):
    """By a property, or by one of the two timestamps."""

    property: str | None = None
    timestamp: Literal["created_time", "last_edited_time"] | None = None
    direction: Literal["ascending", "descending"] = "ascending"


class RowQuery(Paging):
    filter: Json | None = None
    sorts: list[RowSort] = Field(default_factory=list)


class Notion(Service):
    @action("post-search", "Search by title", "Search", "POST /v1/search")
    def search(self, account: Account, *, body: Search) -> Json:
        """Find pages and databases whose title contains the words, the last edited first.

        Like Notion it finds too much: "Weekly" finds "Weekly review". What is in the trash it does
        not find.
        """
        kinds = [body.filter.value] if body.filter else ["page", "database"]
        found = account.items.filter(kind__in=kinds, title__icontains=body.query, archived=False)
        ascending = body.sort is not None and body.sort.direction == "ascending"
        found = found.select_related("parent")
        rows, cursor = cut(found.order_by("edited_at" if ascending else "-edited_at"), body)
        return list_json("page_or_database", [item_json(row) for row in rows], cursor)

    @action("post-page", "Create a page", "Pages", "POST /v1/pages")
    def create_page(self, account: Account, *, body: NewPage) -> Json:
        """Create a page, with its content if there is any. The same title twice makes two pages."""
        parent = find_parent(account, body.parent)
        database = parent if parent and parent.kind == "database" else None
        given = read_properties(body.properties, database)
        blocks = read_blocks(body.children)
        properties = {**empty_properties(database), **given}
        page = Item.objects.create(
            account=account,
            kind="page",
            parent=parent,
            title=title_of(properties),
            data={"properties": properties, "icon": body.icon, "cover": body.cover},
        )
        add_blocks(page, blocks)
        return item_json(page)

    @action("retrieve-a-page", "Retrieve a page", "Pages", f"GET {PAGE}")
    def retrieve_page(self, account: Account, *, page_id: str) -> Json:
        """Answer the page, also one in the trash, marked `archived`; a deleted one is not found."""
        return item_json(find_item(account, page_id, "page"))

    @action("patch-page", "Update page properties", "Pages", f"PATCH {PAGE}")
    def update_page(self, account: Account, *, page_id: str, body: PageChanges) -> Json:
        """Change properties, icon or cover, move to the trash, or restore.

        A page in the trash can only be restored: anything else is refused.
        """
        page = find_item(account, page_id, "page")
        trash = body.archived if body.archived is not None else body.in_trash
        if page.archived and trash is not False:
            raise Refusal(400, IN_TRASH)
        page.archived = page.archived if trash is None else trash
        database = page.parent if page.parent and page.parent.kind == "database" else None
        page.data["properties"] |= read_properties(body.properties, database)
        page.data |= body.model_dump(include={"icon", "cover"}, exclude_unset=True)
        page.title = title_of(page.data["properties"])
        page.save()
        return item_json(page)

    @action("get-block-children", "Retrieve block children", "Blocks", f"GET {BLOCK}/children")
    def list_children(self, account: Account, *, block_id: str, query: Paging) -> Json:
        """List what is directly inside a page or block, without what is in the trash.

        Pages below a page are among its blocks, as `child_page`: whoever deletes that block deletes
        the page.
        """
        found = find_item(account, block_id, "page", "block")
        inside = found.children.filter(archived=False, kind__in=["block", "page"])
        rows, cursor = cut(inside.order_by("kind", "position", "created_at"), query)
        return list_json("block", blocks_json(rows), cursor)

    @action("patch-block-children", "Append block children", "Blocks", f"PATCH {BLOCK}/children")
    def append_children(self, account: Account, *, block_id: str, body: NewBlocks) -> Json:
        """Append blocks at the end, or behind the block named `after`."""
        found = find_item(account, block_id, "page", "block")
        page = page_of(found)
        if page.archived or found.archived:
            raise Refusal(400, IN_TRASH)
        blocks = read_blocks(body.children)
        made = add_blocks(found, blocks, _place(found, body.after, len(blocks)))
        page.save(update_fields=["edited_at"])
        return list_json("block", blocks_json(made), None)

    @action("retrieve-a-block", "Retrieve a block", "Blocks", f"GET {BLOCK}")
    def retrieve_block(self, account: Account, *, block_id: str) -> Json:
        return blocks_json([find_item(account, block_id, "page", "block")])[0]

    @action("delete-a-block", "Delete a block", "Blocks", f"DELETE {BLOCK}")
    def delete_block(self, account: Account, *, block_id: str) -> Json:
        """Move a block, or a whole page, to the trash."""
        found = find_item(account, block_id, "page", "block")
        if found.archived:
            raise Refusal(400, IN_TRASH)
        found.archived = True
        found.save(update_fields=["archived", "edited_at"])
        page_of(found).save(update_fields=["edited_at"])
        return blocks_json([found])[0]

    @action("retrieve-a-database", "Retrieve a database", "Databases", f"GET {DATABASE}")
    def retrieve_database(self, account: Account, *, database_id: str) -> Json:
        return item_json(find_item(account, database_id, "database"))

    @action("post-database-query", "Query a database", "Databases", f"POST {DATABASE}/query")
    def query_database(self, account: Account, *, database_id: str, body: RowQuery) -> Json:
        """List the rows that meet the filter, the newest first unless sorted otherwise."""
        database = find_item(account, database_id, "database")
        pages = database.children.filter(archived=False).order_by("-created_at")
        found = [page for page in pages if body.filter is None or meets(page, body.filter)]
        for sort in reversed(body.sorts):
            found.sort(key=_sort_key(database, sort), reverse=sort.direction == "descending")
        rows, cursor = cut(found, body)
        return list_json("page_or_database", [item_json(row) for row in rows], cursor)

    def error_body(self, status: int, message: str, reason: str, **more: str) -> Json:
        told = {"status": status, "code": reason, "message": message}
        return {"object": "error", **told, "request_id": str(uuid.uuid4())}

    def misunderstood(self, error: ValidationError) -> Refusal:
        return misunderstood(error)

    def check(self, body: Json) -> None:
        check_size(body)

    def furnish(self, account: Account) -> None:
        """Put a page and an empty database of meetings into a new workspace."""
        title = {"title": [{"text": {"content": "Getting started"}}]}
        words = {"paragraph": {"rich_text": [{"text": {"content": ABOUT}}]}}
        parent = Parent(workspace=True)
        self.create_page(account, body=NewPage(parent=parent, properties=title, children=[words]))
        columns = (("title", "Name", "title"), ("date", "Date", "date"))
        properties = {
            name: {"id": key, "name": name, "type": kind, kind: {}}
            for key, name, kind in (*columns, ("att", "Attendees", "rich_text"))
        }
        Item.objects.create(
            account=account, kind="database", title="Meetings", data={"properties": properties}
        )

    def contents(self, account: Account) -> Json:
        """Return everything in the workspace as Notion's JSON; pages with their text besides."""
        inside = blocks_by_parent(account)
        return {
            "pages": [
                {**item_json(page), "title": page.title, "text": text_of(page, inside)}
                for page in of_kind(account, "page")
            ],
            "databases": [item_json(each) for each in of_kind(account, "database")],
        }

    def shown(self, account: Account) -> list[Json]:
        return [
            {
                "title": page.title or "Untitled",
                "details": "Edited",
                "at": page.edited_at,
                "page": page,
                "badge": "In the trash" if page.archived else "",
            }
            for page in of_kind(account, "page")
        ]


def find_item(account: Account, given: str, *kinds: str) -> Item:
    """Return the item of that id, with or without dashes, also one in the trash.

    To Notion a page is a block like any other, so where blocks are looked for, pages are found.
    """
    found = account.items.filter(pk=read_id(given, f"{kinds[-1]}_id"), kind__in=kinds).first()
    if found is None:
        raise Refusal(
            404,
            f"Could not find {kinds[-1]} with ID: {given}. Make sure the relevant pages and "
            "databases are shared with your integration.",
        )
    return found


def read_id(given: str, name: str) -> str:
    try:
        return str(uuid.UUID(given))
    except ValueError:
        said = (
            f'path failed validation: path.{name} should be a valid uuid, instead was `"{given}"`.'
        )
        raise Refusal(400, said) from None


def find_parent(account: Account, parent: Parent) -> Item | None:
    """Return the page or the database in which the new page is to be; None: the workspace."""
    if parent.database_id:
        return find_item(account, parent.database_id, "database")
    if parent.page_id:
        page = find_item(account, parent.page_id, "page")
        if page.archived:
            raise Refusal(400, IN_TRASH)
        return page
    if parent.workspace or parent.type == "workspace":
        return None
    raise invalid("parent.page_id", "should be defined, instead was `undefined`.")


def page_of(item: Item) -> Item:
    """Return the page that a block is in; a page itself."""
    while item.kind != "page" and item.parent:
        item = item.parent
    return item


def add_blocks(parent: Item, blocks: list[Json], place: int = 0) -> list[Item]:
    """Create the blocks and, below each, its children; return the upper ones."""
    made = [
        Item(
            account=parent.account,
            kind="block",
            parent=parent,
            position=place + offset,
            data={"type": block["type"], "content": block["content"]},
        )
        for offset, block in enumerate(blocks)
    ]
    Item.objects.bulk_create(made)
    for row, block in zip(made, blocks, strict=True):
        if block["children"]:
            add_blocks(row, block["children"])
    return made


def _place(parent: Item, after: str | None, count: int) -> int:
    """Return the place at the end or, when what stands there has moved, behind a block."""
    blocks = parent.children.filter(kind="block")
    if not after:
        last: int = blocks.aggregate(last=Max("position", default=-1))["last"]
        return last + 1
    before = blocks.filter(pk=read_id(after, "after")).first()
    if before is None:
        raise Refusal(404, f"Could not find block with ID: {after}.")
    blocks.filter(position__gt=before.position).update(position=F("position") + count)
    return before.position + 1


def blocks_by_parent(account: Account) -> dict[str, list[Item]]:
    """Return all blocks of an account but those in the trash, by what they are directly inside."""
    inside: dict[str, list[Item]] = {}
    for block in account.items.filter(kind="block", archived=False).order_by("position"):
        inside.setdefault(str(block.parent_id), []).append(block)
    return inside


def content_of(item: Item, inside: dict[str, list[Item]]) -> list[Item]:
    """Return the blocks below an item in reading order."""
    ordered = []
    for block in inside.get(str(item.pk), []):
        ordered += [block, *content_of(block, inside)]
    return ordered


def text_of(page: Item, inside: dict[str, list[Item]]) -> str:
    """Return the words of the page's content, one line for each block."""
    return "\n".join(words_of(block) for block in content_of(page, inside))


def words_of(block: Item) -> str:
    return plain_text(block.data["content"].get("rich_text", []))


def item_json(item: Item) -> Json:
    """Return a page or a database as Notion's JSON."""
    if item.kind == "page":
        url = shown_at(f"notion/{item.pk}")
        return {**_head(item), **item.data, "url": url, "public_url": None}
    text = {"type": "text", "text": {"content": item.title, "link": None}}
    title = [{**text, "plain_text": item.title, "href": None}]
    own = {"title": title, "description": [], "is_inline": False}
    return {**_head(item), **own, **item.data, "url": shown_at(item.account_id)}


def blocks_json(rows: Sequence[Item]) -> list[Json]:
    """Return the blocks, each with whether there is something inside: asked once for all."""
    inside = Item.objects.filter(kind="block", archived=False, parent__in=rows)
    filled = set(inside.values_list("parent_id", flat=True))
    return [{**_as_block(row), "has_children": str(row.pk) in filled} for row in rows]


def _as_block(row: Item) -> Json:
    """To Notion a page is a block as well: one that has a title."""
    head = {**_head(row), "object": "block"}
    if row.kind == "page":
        return {**head, "type": "child_page", "child_page": {"title": row.title}}
    return {**head, "type": row.data["type"], row.data["type"]: row.data["content"]}


def _head(item: Item) -> Json:
    parent: Json = {"type": "workspace", "workspace": True}
    if item.parent:
        kind = f"{item.parent.kind}_id"
        parent = {"type": kind, kind: str(item.parent_id)}
    return {
        "object": item.kind,
        "id": str(item.pk),
        "created_time": moment(item.created_at),
        "last_edited_time": moment(item.edited_at),
        "created_by": BOT,
        "last_edited_by": BOT,
        "parent": parent,
        "archived": item.archived,
        "in_trash": item.archived,
    }


def list_json(kind: str, results: list[Json], next_cursor: str | None) -> Json:
    return {
        "object": "list",
        "results": results,
        "next_cursor": next_cursor,
        "has_more": next_cursor is not None,
        "type": kind,
        kind: {},
    }


def cut(found: QuerySet[Item] | list[Item], paging: Paging) -> tuple[list[Item], str | None]:
    """Return the rows of one page, and the id of the row with which the next one begins."""
    rows = list(found)
    keys = [str(row.pk) for row in rows]
    if paging.start_cursor and paging.start_cursor not in keys:
        raise invalid("start_cursor", f"is not valid: `{paging.start_cursor}`.")
    start = keys.index(paging.start_cursor) if paging.start_cursor else 0
    end = start + paging.page_size
    return rows[start:end], keys[end] if end < len(rows) else None


def _sort_key(database: Item, sort: RowSort) -> Any:
    if sort.timestamp:
        name = "created_at" if sort.timestamp == "created_time" else "edited_at"
        return lambda page: getattr(page, name)
    if sort.property not in database.data["properties"]:
        raise Refusal(400, f"Could not find sort property with name or id: {sort.property}")
    return lambda page: as_text(page.data["properties"][sort.property])
