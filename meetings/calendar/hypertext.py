"""HTML that a calendar put into a description, as plain text. Read once, from left to right."""

from __future__ import annotations

import html
import re

_IS_HTML = re.compile(
    r"</?(?:html|body|p|br|div|span|a|b|i|u|ul|ol|li|strong|em|font|table|tr|td|h[1-6])"
    r"(?:\s[^<>=]*=[^<>]*|\s?/?)>",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?[A-Za-z][A-Za-z0-9]{0,20})([^<>]*)>|<[!?][^<>]*>")
_LINK = re.compile(r"\bhref\s{0,9}=\s{0,9}[\"']?(https?://[^\"'\s<>]{1,2000})", re.IGNORECASE)
_LONG_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")  # no letter's, and `int` refuses some
_SPACES = re.compile(r"[ \t\r\n]+")
_GAPS = re.compile(r"\n{3,}")
_OPENS_LINE = {"p", "div", "tr", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "br"}
_UNSEEN = {"style", "script", "title"}


def is_html(text: str) -> bool:
    """Say whether the text holds one of the tags that calendars write."""
    return _IS_HTML.search(text) is not None


def text_of(source: str) -> str:
    """Return the words, with a line for each block and the address behind each link."""
    words, link, unseen, at = [], "", "", 0
    source = _without_comments(source)
    if "<body" in source.lower():  # in a whole document, lines mean nothing
        source = _SPACES.sub(" ", source)
    for tag in _TAG.finditer(source):
        name = (tag[1] or "").lower()
        words.append("" if unseen else source[at : tag.start()])
        at = tag.end()
        if name in _UNSEEN or name == f"/{unseen}":
            unseen = "" if name.startswith("/") else unseen or name
        if name == "a" and (found := _LINK.search(tag[2])):
            link = found[1]
        elif name == "/a" and link:
            words.append("" if link in words[-1] else f" ({link})")
            link = ""
        words.append("\n- " if name == "li" else "\n" if name.strip("/") in _OPENS_LINE else "")
    words.append("" if unseen else source[at:])
    text = html.unescape(_LONG_REFERENCE.sub("", "".join(words)))
    lines = (line.strip(" \t") for line in text.split("\n"))
    return _GAPS.sub("\n\n", "\n".join(lines)).strip()


def _without_comments(source: str) -> str:
    first, *others = source.split("<!--")
    return first + "".join(other.partition("-->")[2] for other in others)
