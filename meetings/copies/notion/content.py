"""Brings the blocks of a page up to date, in as many calls as Notion's limits make it.

What is the same stays; what differs is replaced: first the new is written in its place, then the
old is deleted. An attempt that breaks off anywhere leaves the page nearer to what it should be, and
the next one goes on from there: what was written by then is the same, so nothing is written twice.

A call takes at most 100 blocks in a row, 1,000 in all, 500 kB, and one level of blocks below others
(developers.notion.com/reference/request-limits). What is deeper, or more, gets calls of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby, takewhile
from operator import eq
from typing import Any

from integrations.contrib.connectivity.connector import ConnectorClient
from meetings.copies.notion.blocks import Block, alone, children_of, walk
from meetings.copies.notion.rich_text import look_of

AT_ONCE = 100
MOST_IN_ALL = 1_000
LARGEST = 400_000
"""Bytes of JSON, without what is around the blocks."""

NOT_OURS = ("child_page", "child_database")
"""Pages that people put below a page of ours: deleting such a block would delete their page."""

MOST_COMPARED = 1_000_000
"""Pairs of blocks: two pages with more are compared from both ends only, which takes no time."""

Signature = tuple[Any, ...]
Step = tuple[slice, slice, bool]
Change = tuple[str, int, int, int, int]
"""An opcode of `difflib`."""


def read(client: ConnectorClient, block_id: str) -> Iterator[Block]:
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


def bring_up_to_date(client: ConnectorClient, parent_id: str, wanted: list[Block]) -> None:
    """Make what is inside a page, or below a block, what is wanted."""
    there = [each for each in read(client, parent_id) if each["type"] not in NOT_OURS]
    steps = _steps([*map(signature, there)], [*map(signature, wanted)])
    for old, new, stays in steps:
        if not stays:
            behind = there[old.start - 1]["id"] if old.start else ""
            append(client, parent_id, wanted[new], behind=behind)
    for old, new, stays in steps:
        for mine, should in zip(there[old], wanted[new], strict=True) if stays else ():
            if mine.get("has_children") or children_of(should):
                bring_up_to_date(client, mine["id"], children_of(should))
    for old, _, stays in steps:
        for block in there[old] if not stays else ():
            client.execute("delete-a-block", path={"block_id": block["id"]})


def append(
    client: ConnectorClient, parent_id: str, blocks: list[Block], *, behind: str = ""
) -> None:
    """Write blocks, in order, at the end of a page or block, or behind one of those inside it."""
    for batch in _batches(blocks):
        body: dict[str, Any] = {"children": [_sent(block) for block in batch]}
        if behind:
            body["after"] = behind
        made = client.execute("patch-block-children", path={"block_id": parent_id}, body=body)
        for block, row in zip(batch, made["results"], strict=False):
            if not fits(block):
                append(client, row["id"], children_of(block))
        if behind:
            behind = made["results"][-1]["id"]


def fits(block: Block) -> bool:
    """Say whether a block can be sent together with what is below it."""
    below = children_of(block)
    is_shallow = not any(children_of(each) for each in below)
    return is_shallow and len(below) <= AT_ONCE and _size(block) <= LARGEST


def opening(blocks: list[Block]) -> list[Block]:
    """Return the first of the blocks, as many as one call takes whole."""
    first = next(_batches(blocks))
    return first[: next((n for n, block in enumerate(first) if not fits(block)), len(first))]


def signature(block: Block) -> Signature:
    """Return what makes two blocks the same, what is below them aside: kind, words and look."""
    texts = (block.get(block["type"]) or {}).get("rich_text", [])
    runs = groupby(texts, key=look_of)
    return (block["type"], *((look, "".join(map(_words, run))) for look, run in runs))


def _batches(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Yield the blocks in lists that one call takes each."""
    batch: list[Block] = []
    count = size = 0
    for block in blocks:
        sent = _sent(block)
        own_count, own_size = sum(1 for _ in walk([sent])), _size(sent)
        is_full = len(batch) == AT_ONCE or count + own_count > MOST_IN_ALL
        if batch and (is_full or size + own_size > LARGEST):
            yield batch
            batch, count, size = [], 0, 0
        batch.append(block)
        count, size = count + own_count, size + own_size
    if batch:
        yield batch


def _sent(block: Block) -> Block:
    """Return a block as it is sent: alone where what is below it needs calls of its own."""
    return block if fits(block) else alone(block)


def _steps(before: list[Signature], after: list[Signature]) -> list[Step]:
    """Return what of the blocks before becomes what of those after, and whether it stays."""
    start = _same(before, after)
    if not start:
        return _all_anew(before, after)
    end = _same(before[start:][::-1], after[start:][::-1])
    below, above = len(before) - end, len(after) - end
    middle: Sequence[Change] = [("replace", 0, below - start, 0, above - start)]
    if len(before) * len(after) <= MOST_COMPARED:
        pair = before[start:below], after[start:above]
        middle = SequenceMatcher(None, *pair, autojunk=False).get_opcodes()
    return [
        (slice(0, start), slice(0, start), True),
        *(
            (slice(start + i, start + j), slice(start + k, start + m), tag == "equal")
            for tag, i, j, k, m in middle
        ),
        (slice(below, len(before)), slice(above, len(after)), True),
    ]


def _all_anew(before: list[Signature], after: list[Signature]) -> list[Step]:
    """Return the steps that write all behind the last block: nothing can be put before the first.

    An attempt that broke off may have begun to: then the first of what is wanted is the last there.
    """
    longest = min(len(before), len(after))
    begun = next(n for n in range(longest, -1, -1) if before[len(before) - n :] == after[:n])
    last = len(before)
    return [
        (slice(0, last - begun), slice(0, 0), False),
        (slice(last - begun, last), slice(0, begun), True),
        (slice(last, last), slice(begun, len(after)), False),
    ]


def _same(left: list[Signature], right: list[Signature]) -> int:
    """Return how many are equal from the start on."""
    return sum(1 for _ in takewhile(lambda pair: eq(*pair), zip(left, right, strict=False)))


def _words(text: Block) -> str:
    return str((text.get("text") or {}).get("content") or text.get("plain_text", ""))


def _size(block: Block) -> int:
    return len(json.dumps(block))
