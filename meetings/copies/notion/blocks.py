"""A meeting as Notion's blocks, within Notion's limits.

A text is at most 2,000 characters long, a block has at most 100 of them, and blocks sent at once
are nested twice at most (developers.notion.com, "Request limits").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.formats import date_format
from markdown_it.tree import SyntaxTreeNode

from meetings.markdown import BREAKS, to_tree
from meetings.models import Meeting

Block = dict[str, Any]

LONGEST_TEXT = 2000
MOST_TEXTS = 100
DEEPEST = 2
LONGEST_URL = 2000

_MARKS = {"strong": "bold", "em": "italic", "s": "strikethrough"}


@dataclass(frozen=True)
class Style:
    """How a piece of text looks, and where it leads."""

    marks: frozenset[str] = frozenset()
    url: str = ""

    def within(self, node: SyntaxTreeNode) -> Style:
        """Return the style of what is inside a node of Markdown."""
        if node.type == "link":
            url = str(node.attrs.get("href", ""))
            return replace(self, url=url if _is_web_address(url) else "")
        mark = _MARKS.get(node.type)
        return replace(self, marks=self.marks | {mark}) if mark else self


def mark_of(meeting: Meeting) -> str:
    """Return the sentence by which a page is known for ours; no title tells that."""
    return f"Kept up to date by AcmeCo, which replaces what is written here (meeting {meeting.uid})"


def blocks_of(meeting: Meeting) -> list[Block]:
    """Return the content of a meeting's page: the mark, when and who, then the notes.

    A page of a workspace has no property but its title, so the date stands in the content.
    """
    grey = {"annotations": {"color": "gray"}}
    blocks = [_block("paragraph", [{**_text(mark_of(meeting)), **grey}]), _when(meeting)]
    for person in meeting.people:
        blocks.append(_block("bulleted_list_item", list(_texts(str(person), Style()))))
    return [*blocks, *_blocks(to_tree(meeting.notes).children, depth=1)]


def _when(meeting: Meeting) -> Block:
    local = timezone.localtime(meeting.starts_at)
    return _block("paragraph", [_text(date_format(local, "l, j F Y, H:i e"))])


def _blocks(nodes: list[SyntaxTreeNode], *, depth: int) -> list[Block]:
    return [block for node in nodes for block in _of_node(node, depth)]


def _of_node(node: SyntaxTreeNode, depth: int) -> Iterator[Block]:
    match node.type:
        case "heading":
            yield _block(f"heading_{min(int(node.tag[1:]), 3)}", _inside(node))
        case "paragraph":
            yield _block("paragraph", _inside(node))
        case "bullet_list" | "ordered_list":
            yield from _list(node, depth)
        case "blockquote":
            yield _block("quote", _joined(node.children))
        case "fence" | "code_block":
            texts = list(_texts(node.content.rstrip("\n"), Style()))
            yield {**_block("code", texts), "code": {"rich_text": texts, "language": "plain text"}}
        case "hr":
            yield {"type": "divider", "divider": {}}


def _list(node: SyntaxTreeNode, depth: int) -> Iterator[Block]:
    kind = "bulleted_list_item" if node.type == "bullet_list" else "numbered_list_item"
    for item in node.children:
        words = [child for child in item.children[:1] if child.type == "paragraph"]
        block = _block(kind, [text for child in words for text in _inside(child)])
        below = _blocks(item.children[len(words) :], depth=min(depth + 1, DEEPEST))
        if below and depth < DEEPEST:
            block[kind]["children"], below = below[:MOST_TEXTS], []
        yield block
        yield from below


def _joined(nodes: list[SyntaxTreeNode]) -> list[Block]:
    """Return the texts of everything inside, one line for each: a quote holds no blocks here."""
    texts: list[Block] = []
    for block in _blocks(nodes, depth=DEEPEST):
        words = block[block["type"]].get("rich_text", [])
        texts += ([_text("\n")] if texts else []) + words
    return texts[:MOST_TEXTS]


def _inside(node: SyntaxTreeNode) -> list[Block]:
    inline = [text for child in node.children for text in _inline(child, Style())]
    return inline[:MOST_TEXTS]


def _inline(node: SyntaxTreeNode, style: Style) -> Iterator[Block]:
    if node.type in BREAKS:
        yield _text("\n")
    elif node.type == "code_inline":
        yield from _texts(node.content, replace(style, marks=style.marks | {"code"}))
    elif node.type == "text":
        yield from _texts(node.content, style)
    for child in node.children:
        yield from _inline(child, style.within(node))


def _texts(content: str, style: Style) -> Iterator[Block]:
    """Cut what is too long for one text into several."""
    for start in range(0, len(content), LONGEST_TEXT):
        yield _text(content[start : start + LONGEST_TEXT], style)


def _text(content: str, style: Style | None = None) -> Block:
    style = style or Style()
    text: Block = {"content": content}
    if style.url:
        text["link"] = {"url": style.url}
    described: Block = {"type": "text", "text": text}
    if style.marks:
        described["annotations"] = dict.fromkeys(sorted(style.marks), True)
    return described


def _block(kind: str, texts: list[Block]) -> Block:
    return {"type": kind, kind: {"rich_text": texts}}


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return len(url) <= LONGEST_URL and parts.scheme in ("http", "https") and bool(parts.hostname)
