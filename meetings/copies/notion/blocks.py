"""A meeting as Notion's blocks: a tree, as deep as the notes are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy
from markdown_it.token import Token

from meetings.copies.notion.rich_text import Text, plain, texts_of
from meetings.markdown import as_typed, to_tokens
from meetings.models import Meeting

Block = dict[str, Any]

MOST_TEXTS = 100
"""In one block; of what is more, another block is made."""

LARGEST_BLOCK = 100_000
"""The bytes of a block's own words, as JSON: several fit into one request of 500 kB."""

MOST_BLOCKS = 3_000
MOST_PARENTS = 50
"""A page is read in whole before it is changed, in one call for every 100 blocks and for every
block that has others below it, and that has to fit into the time of one attempt."""

BELOW_BESIDE = gettext_lazy("Sub-points stand beside their points: more than {} have some.")
ALL_AS_TYPED = gettext_lazy(
    "The notes have more than {:,} lines and points, so their Markdown is copied as it is."
)


@dataclass
class Content:
    """The blocks of a page; `left_out` says in sentences what of the notes' form is missing."""

    blocks: list[Block]
    left_out: list[str] = field(default_factory=list)


def content_of(meeting: Meeting) -> Content:
    """Return the content of a meeting's page: the mark, when and who, then the notes.

    A page of a workspace has no property but its title, so the date stands in the content.
    """
    (mark,) = plain(mark_of(meeting))
    head = [block("paragraph", [{**mark, "annotations": {"color": "gray"}}])]
    head += split("paragraph", plain(_when(meeting)))
    for person in meeting.people:
        head += split("bulleted_list_item", plain(str(person)))
    notes = _notes(meeting.notes)
    return Content([*head, *notes.blocks], notes.left_out)


def mark_of(meeting: Meeting) -> str:
    """Return the sentence by which a page is known for ours; no title tells that."""
    return f"Kept up to date by AcmeCo, which replaces what is written here (meeting {meeting.uid})"


def block(kind: str, texts: list[Text]) -> Block:
    """Return a block without anything below it."""
    return {"type": kind, kind: {"rich_text": texts}}


def children_of(block: Block) -> list[Block]:
    """Return what is directly below a block."""
    below: list[Block] = block[block["type"]].get("children", [])
    return below


def alone(block: Block) -> Block:
    """Return a block without what is below it."""
    kind = block["type"]
    return {**block, kind: {k: v for k, v in block[kind].items() if k != "children"}}


def split(kind: str, texts: Iterable[Text]) -> Iterator[Block]:
    """Yield as many blocks as it takes to hold the texts; one where there are none."""
    held: list[Text] = []
    size = 0
    for text in texts:
        size += len(json.dumps(text))
        if len(held) == MOST_TEXTS or (held and size > LARGEST_BLOCK):
            yield block(kind, held)
            held, size = [], len(json.dumps(text))
        held.append(text)
    yield block(kind, held)


def walk(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks and all that is below them."""
    for each in blocks:
        yield each
        yield from walk(children_of(each))


def _when(meeting: Meeting) -> str:
    there = timezone.localtime(meeting.starts_at)
    return ", ".join(date_format(there, part) for part in ("l", "DATE_FORMAT", "H:i e"))


def _notes(notes: str) -> Content:
    content = Content(list(_blocks(iter(to_tokens(notes)))))
    if sum(1 for each in walk(content.blocks) if children_of(each)) > MOST_PARENTS:
        beside = [alone(each) for each in walk(content.blocks)]
        content = Content(beside, [str(BELOW_BESIDE).format(MOST_PARENTS)])
    if sum(1 for _ in walk(content.blocks)) > MOST_BLOCKS:
        typed = list(_blocks(iter(as_typed(notes))))
        content = Content(typed, [str(ALL_AS_TYPED).format(MOST_BLOCKS)])
    return content


def _blocks(tokens: Iterator[Token], item: str = "") -> Iterator[Block]:
    """Yield the blocks up to where that ends which the tokens are in; `item`: the kind of list."""
    for token in tokens:
        if token.nesting < 0:
            return
        match token.type:
            case "paragraph_open" | "heading_open":
                kind = f"heading_{min(int(token.tag[1:]), 3)}" if token.tag != "p" else "paragraph"
                yield from split(kind, texts_of(next(tokens)))
                next(tokens)  # the end of the paragraph
            case "bullet_list_open":
                yield from _blocks(tokens, "bulleted_list_item")
            case "ordered_list_open":
                yield from _blocks(tokens, "numbered_list_item")
            case "list_item_open":
                yield _holding(item, list(_blocks(tokens)))
            case "blockquote_open":
                yield _holding("quote", list(_blocks(tokens)))
            case "fence" | "code_block":
                for code in split("code", plain(token.content.rstrip("\n"))):
                    code["code"]["language"] = "plain text"
                    yield code
            case "hr":
                yield {"type": "divider", "divider": {}}


def _holding(kind: str, inside: list[Block]) -> Block:
    """Return a list item or quote: what it begins with are its own words, the rest is below it."""
    begins = inside.pop(0)["paragraph"] if inside and "paragraph" in inside[0] else {}
    holding = block(kind, begins.get("rich_text", []))
    if inside:
        holding[kind]["children"] = inside
    return holding
