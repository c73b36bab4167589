"""The words and the people of an event."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy

from integrations.alloy.text import clean_text
from meetings.attendees import Attendee, NotAnAttendee, attendees_in
from meetings.calendar.components import Component, Property

LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 100_000
LONGEST_PEOPLE = 20_000
MOST_PEOPLE = 200

_ESCAPE = re.compile(r"\\(.)")
_TAG = re.compile(
    r"<(/?)(html|body|p|br|div|span|a|b|i|u|ul|ol|li|strong|em|font|h[1-6])"
    r"(?:\s[^<>=]*=[^<>]*|\s?/?)>",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"<a\s[^<>]{0,300}?href=\"(https?://[^\"<>\s]{1,2000})\"[^<>]{0,300}>([^<>]{1,300})</a>",
    re.IGNORECASE,
)
_NEW_LINE = {"br", "li", "/p", "/div", "/ul", "/ol", *(f"/h{level}" for level in range(1, 7))}
_ENTITIES = {"&nbsp;": " ", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&"}
_NO_TITLE = gettext_lazy("Untitled meeting")
_NOT_PEOPLE = ("ROOM", "RESOURCE")
_ROOMS_AT_GOOGLE = "@resource.calendar.google.com"


def text_in(value: str, *, lines: bool = False) -> str:
    """Return a value without its escapes (RFC 5545, 3.3.11), fit to be stored."""
    text = _ESCAPE.sub(lambda mark: "\n" if mark[1] in "nN" else mark[1], value)
    return _stored(text, lines=lines)


def title_of(event: Component) -> str:
    """Return the title, or what stands for one."""
    return _cut(text_in(event.value("SUMMARY")), LONGEST_TITLE) or str(_NO_TITLE)


def description_of(event: Component) -> str:
    """Return the description as Markdown, also where the calendar wrote HTML, as Google's does."""
    text = _cut(text_in(event.value("DESCRIPTION"), lines=True), LONGEST_DESCRIPTION)
    return _without_tags(text) if _TAG.search(text) else text


def _without_tags(text: str) -> str:
    """Return HTML as Markdown: its lines, list items and links; no other look."""
    text = _TAG.sub(_in_place_of, _LINK.sub(r"[\2](\1)", text))
    for entity, letter in _ENTITIES.items():
        text = text.replace(entity, letter)
    return _stored(text, lines=True)


def _in_place_of(tag: re.Match[str]) -> str:
    name = (tag[1] + tag[2]).lower()
    return ("\n- " if name == "li" else "\n") if name in _NEW_LINE else ""


def people_of(event: Component) -> list[str]:
    """Return the organizer and the attendees, each once, as lines; rooms and things are neither.

    Somebody who has neither a name nor an address that we can read is left out.
    """
    found: dict[str, Attendee] = {}
    for line in [*event.all("ORGANIZER")[:1], *event.all("ATTENDEE")]:
        for person in _person(line):
            found.setdefault(person.email or person.name, person)
    return [str(person) for person in found.values()]


def kept_people(people: list[str]) -> list[str]:
    """Return as many of them as a meeting takes."""
    kept, length = people[:MOST_PEOPLE], 0
    for index, line in enumerate(kept):
        length += len(line) + 2
        if length > LONGEST_PEOPLE:
            return kept[:index]
    return kept


def _person(line: Property) -> Iterator[Attendee]:
    value = clean_text(line.parameter("EMAIL") or line.value)
    email = value[7:].strip() if value.lower().startswith("mailto:") else value
    is_room = line.parameter("CUTYPE").upper() in _NOT_PEOPLE
    if is_room or email.lower().endswith(_ROOMS_AT_GOOGLE):
        return
    name = _stored(line.parameter("CN"))
    name = "" if "@" in name else name.translate({ord(sign): None for sign in '<>"'}).strip()
    for text in (str(Attendee(name, email if "@" in email else "")), name):
        try:
            yield from attendees_in(text)[:1]
        except NotAnAttendee:
            continue
        return


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _stored(text: str, *, lines: bool = False) -> str:
    return clean_text(text.replace("\ufffd", "?"), lines=lines)
