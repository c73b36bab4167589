"""Words as Notion takes them: pieces of one look each, none too long, links that lead somewhere.

Notion counts in UTF-16 units: a text has at most 2,000, of which most emoji take two
(developers.notion.com/reference/request-limits).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import urlsplit

from markdown_it.token import Token

from meetings.markdown import BREAKS

Text = dict[str, Any]
Look = tuple[frozenset[str], str]
"""Notion's names of a text's marks, and its link."""

LONGEST_TEXT = 2000
LONGEST_URL = 2000
PLAIN: Look = (frozenset(), "")

_MARKS = {"strong": "bold", "em": "italic", "s": "strikethrough"}
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.){{0,126}}{_LABEL}")
_FARTHEST_BACK = 30


def texts_of(inline: Token) -> list[Text]:
    """Return the words of a paragraph or heading; neighbours of one look are one text."""
    return list(_texts(_pieces(inline.children or [])))


def plain(words: str) -> list[Text]:
    """Return words without any look."""
    return list(_texts([(words, PLAIN)]))


def look_of(text: Text) -> Look:
    """Return how a text that Notion has looks."""
    marks = (name for name, value in (text.get("annotations") or {}).items() if value is True)
    link = (text.get("text") or {}).get("link") or {}
    return frozenset(marks), link.get("url", "")


def cut(words: str) -> Iterator[str]:
    """Cut words into pieces that Notion takes, not within a character that the eye sees as one."""
    while words:
        units = words[:LONGEST_TEXT].encode("utf-16-le", errors="replace")[: 2 * LONGEST_TEXT]
        longest = units.decode("utf-16-le", errors="ignore")
        end = _end_of_character(words, len(longest))
        yield words[:end]
        words = words[end:]


def _texts(pieces: Iterable[tuple[str, Look]]) -> Iterator[Text]:
    for look, same in groupby(pieces, key=itemgetter(1)):
        for words in cut("".join(words for words, _ in same)):
            yield _text(words, look)


def _text(words: str, look: Look) -> Text:
    marks, url = look
    text: Text = {"type": "text", "text": {"content": words}}
    if url:
        text["text"]["link"] = {"url": url}
    if marks:
        text["annotations"] = dict.fromkeys(sorted(marks), True)
    return text


def _pieces(tokens: Iterable[Token]) -> Iterator[tuple[str, Look]]:
    """Yield words with their look. A link that Notion would refuse is written behind its words."""
    marks: Counter[str] = Counter()
    url = label = ""
    for token in tokens:
        look = frozenset(+marks), url if _is_taken(url) else ""
        if mark := _MARKS.get(token.type.rpartition("_")[0]):
            marks[mark] += token.nesting
        elif token.type == "link_open":
            url, label = str(token.attrs.get("href", "")), ""
        elif token.type == "link_close":
            if not label:
                yield url, look
            elif not _is_taken(url) and url.removeprefix("mailto:") not in label:
                yield f" ({url})", look
            url = ""
        else:
            words = "\n" if token.type in BREAKS else token.content
            label += words
            yield words, (look[0] | {"code"}, look[1]) if token.type == "code_inline" else look


def _is_taken(url: str) -> bool:
    """Say whether Notion takes a link: it refuses the whole page for one without a host."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        return False
    is_clean = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    return is_web and is_clean and bool(_HOST.fullmatch(parts.hostname or ""))


def _end_of_character(words: str, end: int) -> int:
    """Return the last place up to `end` that is not within a character, if one is near."""
    for place in range(end, max(0, end - _FARTHEST_BACK), -1):
        if place == len(words) or not _belong_together(words[place - 1], words[place]):
            return place
    return end


def _belong_together(left: str, right: str) -> bool:
    joiner = "\N{ZERO WIDTH JOINER}"
    is_skin_tone = "\U0001f3fb" <= right <= "\U0001f3ff"
    return joiner in (left, right) or is_skin_tone or unicodedata.category(right).startswith("M")
