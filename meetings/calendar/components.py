"""The bytes of a calendar file as components with properties (RFC 5545, 3.1 and 3.4).

Why a reader of our own: a calendar file is a stranger's. icalendar 7 works out a file's time zones
as it parses, and keeps them for the whole process under names that the file chooses: one merchant's
file then changes another's times. This one reads the few properties that a meeting has, once and
from left to right, so that its work is linear in the size of the file, which is bounded.
"""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from meetings.calendar.errors import NotACalendar

DEEPEST = 20
MOST_LINES = 50_000

READ = frozenset(
    (
        *("UID", "SUMMARY", "DESCRIPTION", "LOCATION"),
        *("DTSTART", "DTEND", "DURATION", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "STATUS"),
        *("METHOD", "RECURRENCE-ID", "RRULE", "RDATE", "EXRULE", "EXDATE", "ORGANIZER"),
        *("ATTENDEE", "TZID", "TZOFFSETFROM", "TZOFFSETTO"),
    )
)
"""The properties that are read; all others are passed over."""

# Some programs write \r\r\n, having put \r before every \n of a file that had it already.
_BREAK = re.compile(rb"\r+\n?")
# The bytes of vCalendar 1.0, of ISO-2022-JP and of UTF-16 without its mark would pass for UTF-8.
_OTHER_LETTERS = re.compile(
    rb"(?im)^VERSION:1\.0|;ENCODING=\"?QUOTED-PRINTABLE|\x1b\$|\0B\0E\0G|B\0E\0G\0"
)
_NAME = re.compile(r"[A-Za-z0-9-]{1,40}")
# Possessive (*+), so that a parameter with a million values leaves nothing to go back to.
_PARAMETER = re.compile(r';([A-Za-z0-9-]{1,40})=("[^"]*"|[^";:,]*)(?:,(?>"[^"]*"|[^";:,]*))*+')
_CARETS = re.compile(r"\^[nN'^]")
_CARET = {"^n": " ", "^N": " ", "^'": '"', "^^": "^"}


@dataclass(frozen=True)
class Property:
    """One content line. Of a parameter with several values, the first is kept."""

    value: str
    parameters: dict[str, str] = field(default_factory=dict)

    def parameter(self, name: str) -> str:
        """Return a parameter's value, or nothing."""
        return self.parameters.get(name, "")


@dataclass
class Component:
    """A component with what it holds; `is_complete` once its own END was seen."""

    name: str
    parts: list[Component] = field(default_factory=list)
    properties: dict[str, list[Property]] = field(default_factory=lambda: defaultdict(list))
    is_complete: bool = False

    def all(self, name: str) -> list[Property]:
        """Return every property of that name."""
        return self.properties.get(name, [])

    def first(self, name: str) -> Property | None:
        """Return the first property of that name; RFC 5545 allows most of them only once."""
        return next(iter(self.all(name)), None)

    def value(self, name: str) -> str:
        """Return the first such property's value as it was written, or nothing."""
        found = self.first(name)
        return found.value if found else ""


def lines_of(content: bytes) -> list[str]:
    """Return the file's lines, unfolded as bytes: a line may be folded inside a letter.

    Raises `NotACalendar` for letters that are not UTF-8, which are never guessed.
    """
    data = _BREAK.sub(b"\n", content.removeprefix(codecs.BOM_UTF8))
    data = data.replace(b"\n ", b"").replace(b"\n\t", b"")
    if data.count(b"\n") > MOST_LINES:
        raise NotACalendar(_("This file has too many lines. Export a shorter time."))
    if _OTHER_LETTERS.search(data):
        raise NotACalendar(
            _(
                "The letters of this file are in an encoding that we cannot read. Export it in the"
                " format iCalendar 2.0 and the encoding UTF-8."
            )
        )
    try:
        return [line for line in data.decode().split("\n") if line]
    except UnicodeError as error:
        raise NotACalendar(
            _(
                "This file is not in the encoding UTF-8, as calendars are. Open it in an editor,"
                " save it with the encoding UTF-8, and import it then."
            )
        ) from error


def components_of(lines: Iterable[str]) -> Component:
    """Return a root that holds the file's components, whole or broken.

    Raises `NotACalendar` where there is none, or where they are nested without measure.
    """
    root = Component("", is_complete=True)
    stack = [root]
    for line in lines:
        _take(line, stack)
    if not any(part.name in ("VCALENDAR", "VEVENT") for part in root.parts):
        raise NotACalendar(_("This is not a calendar file that we can read (.ics)."))
    return root


def _take(line: str, stack: list[Component]) -> None:
    match = _NAME.match(line)
    name = match[0].upper() if match else ""
    if name == "BEGIN":
        _begin(_component_name(line), stack)
    elif name == "END":
        _end(_component_name(line), stack)
    elif name in READ:
        stack[-1].properties[name].append(_property(line, len(name)))


def _component_name(line: str) -> str:
    return line.partition(":")[2].strip().upper()


def _begin(name: str, stack: list[Component]) -> None:
    if len(stack) > DEEPEST:
        raise NotACalendar(_("The parts of this file are nested too deeply: this is no calendar."))
    part = Component(name)
    stack[-1].parts.append(part)
    stack.append(part)


def _end(name: str, stack: list[Component]) -> None:
    """Close the innermost component of that name; what was left open inside stays incomplete."""
    if any(component.name == name for component in stack[1:]):
        while (closed := stack.pop()).name != name:
            pass
        closed.is_complete = True


def _property(line: str, start: int) -> Property:
    parameters: dict[str, str] = {}
    while match := _PARAMETER.match(line, start):
        parameters.setdefault(match[1].upper(), _parameter(match[2]))
        start = match.end()
    # After a parameter that is not one, whatever follows the next colon is the value.
    return Property(line[start:].partition(":")[2], parameters)


def _parameter(value: str) -> str:
    return _CARETS.sub(lambda mark: _CARET[mark[0]], value.strip('"'))
