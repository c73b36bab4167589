"""Finds a meeting's page in Notion, or makes it. Never two, and never somebody else's.

The page is known by its id. Where that is not known, because there is no page yet or because the
answer to making one got lost, pages with the meeting's title are looked at, and one that holds our
mark is taken over: a title alone proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integrations.alloy import ProviderError
from integrations.contrib.connectivity.connector import ConnectorClient
from meetings.copies.notion.blocks import Block, content_of, mark_of
from meetings.copies.notion.content import AT_ONCE, append, bring_up_to_date, opening
from meetings.models import Copy
from meetings.services import copy_is_at, copy_will_be_called

Page = dict[str, Any]

MOST_PAGES_OF_RESULTS = 5


def write(client: ConnectorClient, copy: Copy) -> list[str]:
    """Make the meeting's page, or bring it up to date; return what could not be copied."""
    content = content_of(copy.meeting)
    page = _known(client, copy.remote_id) or _made_before(client, copy)
    if page is None:
        _create(client, copy, content.blocks)
        return content.left_out
    copy_is_at(copy=copy, connection=client.connection, remote_id=page["id"], url=page["url"])
    if title_of(page) != copy.meeting.heading:
        copy_will_be_called(copy=copy, title=copy.meeting.heading)
        changes = {"properties": _title(copy.meeting.heading)}
        client.execute("patch-page", path={"page_id": page["id"]}, body=changes)
    bring_up_to_date(client, page["id"], content.blocks)
    return content.left_out


def title_of(page: Page) -> str:
    """Return the words of the property of type title, whatever its name."""
    for value in page.get("properties", {}).values():
        if value.get("type") == "title":
            return "".join(text.get("plain_text", "") for text in value["title"])
    return ""


def _known(client: ConnectorClient, page_id: str) -> Page | None:
    """Return the page we remember; None where people have deleted it, for good or to the trash."""
    if not page_id:
        return None
    try:
        page: Page = client.execute("retrieve-a-page", path={"page_id": page_id})
    except ProviderError as error:
        if error.status == 404:
            return None
        raise
    return None if page.get("archived") or page.get("in_trash") else page


def _made_before(client: ConnectorClient, copy: Copy) -> Page | None:
    """Return the page that an earlier attempt made, whose answer got lost."""
    for title in dict.fromkeys([copy.remote_title or copy.meeting.heading, copy.meeting.heading]):
        for page in _pages_called(client, title):
            if _is_ours(client, page, mark_of(copy.meeting)):
                return page
    return None


def _pages_called(client: ConnectorClient, title: str) -> Iterator[Page]:
    """Yield the pages of exactly this title; Notion's search finds similar ones, too."""
    body: dict[str, Any] = {
        "query": title,
        "filter": {"property": "object", "value": "page"},
        "page_size": AT_ONCE,
    }
    for _ in range(MOST_PAGES_OF_RESULTS):
        found = client.execute("post-search", body=body)
        yield from (page for page in found["results"] if title_of(page) == title)
        if not found.get("has_more"):
            return
        body["start_cursor"] = found["next_cursor"]


def _is_ours(client: ConnectorClient, page: Page, mark: str) -> bool:
    """Say whether the page begins with our mark; people may have put something before it."""
    found = client.execute(
        "get-block-children", path={"block_id": page["id"]}, query={"page_size": 10}
    )
    return any(_words(block) == mark for block in found["results"])


def _create(client: ConnectorClient, copy: Copy, wanted: list[Block]) -> None:
    first = opening(wanted)
    # Written down before: should the answer get lost, this is the title to look for.
    copy_will_be_called(copy=copy, title=copy.meeting.heading)
    page = client.execute(
        "post-page",
        body={
            "parent": {"type": "workspace", "workspace": True},
            "properties": _title(copy.meeting.heading),
            "children": first,
        },
    )
    copy_is_at(copy=copy, connection=client.connection, remote_id=page["id"], url=page["url"])
    append(client, page["id"], wanted[len(first) :])


def _title(title: str) -> dict[str, Any]:
    return {"title": {"type": "title", "title": [{"type": "text", "text": {"content": title}}]}}


def _words(block: Block) -> str:
    texts = (block.get(block["type"]) or {}).get("rich_text", [])
    return "".join(text.get("plain_text", "") for text in texts)
