"""Notes are CommonMark, without HTML and images: what a stranger typed cannot become code.

A line ends where it was ended, as in a transcript, and as in the copies.

Link reference definitions are switched off: a line that defines a long address, used ten thousand
times, would make a page of megabytes out of a few kilobytes. So what comes out is in proportion to
what goes in, and notes that would take long to parse stay as they were typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

BREAKS = ("softbreak", "hardbreak")
"""The tokens that stand for the end of a line."""

LEVELS_DOWN = 2
"""The page's own headings are h1 and h2, so those of the notes begin at h3."""

LONGEST = 200_000
MOST_LINES = 10_000
MOST_MARKS = 20_000
MARKS = "*_`[]<>~!-+#"
DEEPEST = 20
"""The parser leaves out what is nested deeper, without an error."""

_parser = (
    MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": DEEPEST})
    .enable("strikethrough")
    .disable(["image", "reference"])
)


def to_html(notes: str) -> SafeString:
    """Return the notes as HTML, escaped by the parser, links limited to harmless schemes."""
    # Safe because the parser lets no HTML through.
    return SafeString(_parser.renderer.render(to_tokens(notes), _parser.options, {}))


def to_tokens(notes: str) -> list[Token]:
    """Return the notes as the parser's tokens: one block of code where they stay as typed."""
    if len(notes) > LONGEST or len(notes.splitlines()) > MOST_LINES or _marks(notes) > MOST_MARKS:
        return as_typed(notes)
    tokens = _parser.parse(notes)
    # The parser would have gone on below, had it been allowed to.
    is_cut_off = any(token.level >= DEEPEST - 1 for token in tokens)
    return as_typed(notes) if is_cut_off else tokens


def as_typed(notes: str) -> list[Token]:
    """Return the notes as one block of code, whatever marks are in them."""
    return [Token("code_block", "code", 0, content=notes, level=0)]


def to_text(notes: str, *, longest: int) -> str:
    """Return the words of the notes without their marks, at most so many characters."""
    text = " ".join(" ".join(_words(to_tokens(notes))).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _marks(notes: str) -> int:
    return sum(map(notes.count, MARKS))


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children is None:
            yield token.content
        else:
            yield "".join(" " if each.type in BREAKS else each.content for each in token.children)


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
