"""Notes are CommonMark, without HTML and images: what a stranger typed cannot become code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

BREAKS = ("softbreak", "hardbreak")
"""The nodes that stand for the end of a line."""

LEVELS_DOWN = 2
"""The page's own headings are h1 and h2, so those of the notes begin at h3."""

_WITH_WORDS = ("inline", "fence", "code_block")

_parser = MarkdownIt("commonmark", {"html": False}).enable("strikethrough").disable("image")


def to_html(notes: str) -> SafeString:
    """Return the notes as HTML, escaped by the parser, links limited to harmless schemes."""
    # Safe because the parser lets no HTML through.
    return SafeString(_parser.render(notes))


def to_tree(notes: str) -> SyntaxTreeNode:
    """Return the notes as a tree, for whoever writes them in another form than HTML."""
    return SyntaxTreeNode(_parser.parse(notes))


def to_text(notes: str, *, longest: int) -> str:
    """Return the words of the notes without their marks, at most so many characters."""
    lines = (_words(node) for node in to_tree(notes).walk() if node.type in _WITH_WORDS)
    text = " ".join(" ".join(lines).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _words(node: SyntaxTreeNode) -> str:
    if node.type != "inline":
        return node.content
    leaves = (each for each in node.walk(include_self=False) if not each.is_nested)
    return "".join(" " if leaf.type in BREAKS else leaf.content for leaf in leaves)


def _heading(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, environment: Any
) -> str:
    tokens[index].tag = f"h{min(int(tokens[index].tag[1:]) + LEVELS_DOWN, 6)}"
    return renderer.renderToken(tokens, index, options, environment)


def _link(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, environment: Any
) -> str:
    tokens[index].attrSet("rel", "nofollow noopener noreferrer")
    return renderer.renderToken(tokens, index, options, environment)


_parser.add_render_rule("heading_open", _heading)
_parser.add_render_rule("heading_close", _heading)
_parser.add_render_rule("link_open", _link)
