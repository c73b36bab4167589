"""Brings the blocks of a page up to date with as few calls as it takes.

What is the same at the beginning and at the end stays; what differs in between is replaced: first
the new is written, then the old deleted. A try that breaks off anywhere leaves the page nearer to
what it should be, and the next one goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integrations.public import ConnectorClient
from meetings.copies.notion.blocks import Block

AT_ONCE = 100
NOT_OURS = ("child_page", "child_database")
"""Pages that people put below a page of ours: deleting such a block would delete their page."""

Signature = tuple[Any, ...]


def children_of(client: ConnectorClient, block_id: str) -> Iterator[Block]:
    """Yield the blocks directly inside a page or block."""
    cursor: dict[str, str] = {}
    while True:
        found = client.execute(
            "get-block-children",
            path={"block_id": block_id},
            query={"page_size": AT_ONCE, **cursor},
        )
        yield from found["results"]
        if not found.get("has_more"):
            return
        cursor = {"start_cursor": found["next_cursor"]}


def bring_up_to_date(client: ConnectorClient, page_id: str, wanted: list[Block]) -> None:
    """Make the page's content what is wanted."""
    there = [each for each in children_of(client, page_id) if each["type"] not in NOT_OURS]
    before = [_signature_there(client, block) for block in there]
    after = [signature(block) for block in wanted]
    start = _same(before, after)
    # Nothing can be put in front of the first block, so then all is replaced.
    end = _same(before[start:][::-1], after[start:][::-1]) if start else 0
    append(
        client,
        page_id,
        wanted[start : len(wanted) - end],
        behind=there[start - 1]["id"] if start and end else "",
    )
    for block in there[start : len(there) - end]:
        client.execute("delete-a-block", path={"block_id": block["id"]})


def append(client: ConnectorClient, page_id: str, blocks: list[Block], *, behind: str = "") -> None:
    """Write blocks at the end of the page, or behind one of its blocks."""
    for first in range(0, len(blocks), AT_ONCE):
        body: dict[str, Any] = {"children": blocks[first : first + AT_ONCE]}
        if behind:
            body["after"] = behind
        made = client.execute("patch-block-children", path={"block_id": page_id}, body=body)
        if behind:
            behind = made["results"][-1]["id"]


def signature(block: Block) -> Signature:
    """Return what makes two blocks the same: kind, words with their look, and what is below."""
    content = block[block["type"]]
    below = tuple(signature(child) for child in content.get("children", []))
    return _signature(block, below)


def _signature_there(client: ConnectorClient, block: Block) -> Signature:
    below: tuple[Signature, ...] = ()
    if block.get("has_children"):
        below = tuple(_signature_there(client, each) for each in children_of(client, block["id"]))
    return _signature(block, below)


def _signature(block: Block, below: tuple[Signature, ...]) -> Signature:
    texts = (block.get(block["type"]) or {}).get("rich_text", [])
    return (block["type"], tuple(_piece(text) for text in texts), below)


def _piece(text: Block) -> Signature:
    content = text.get("text") or {}
    look = text.get("annotations") or {}
    marks = sorted(name for name, value in look.items() if value is True)
    return (content.get("content"), (content.get("link") or {}).get("url"), *marks)


def _same(left: list[Signature], right: list[Signature]) -> int:
    """Return how many signatures are equal from the start on."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count
