"""The people of a meeting, written one a line as in e-mail."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ADDRESS = r"[^\s<>@,;]+@[^\s<>@,;.]+(?:\.[^\s<>@,;.]+)+"
_LINE = re.compile(rf"(?P<name>[^<>@]*)<(?P<email>{_ADDRESS})>|(?P<only_email>{_ADDRESS})")

LONGEST_LINE = 320


class NotAnAttendee(ValueError):
    """A line that is neither a name nor an address."""


@dataclass(frozen=True)
class Attendee:
    """Somebody at a meeting. Of name and e-mail address at least one is there."""

    name: str
    email: str

    def __str__(self) -> str:
        if self.name and self.email:
            return f"{self.name} <{self.email}>"
        return self.name or self.email

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def last_name(self) -> str:
        return self.name.partition(" ")[2].strip()


def attendees_in(text: str) -> list[Attendee]:
    """Return the attendees, each once; raises `NotAnAttendee` with the line that cannot be one."""
    lines = (line.strip() for line in text.splitlines())
    return list(dict.fromkeys(_attendee(line) for line in lines if line))


def _attendee(line: str) -> Attendee:
    if len(line) > LONGEST_LINE:
        raise NotAnAttendee(line[:LONGEST_LINE])
    if match := _LINE.fullmatch(line):
        name = (match["name"] or "").strip().strip('"').strip()
        return Attendee(name, (match["email"] or match["only_email"]).lower())
    if "@" in line or "<" in line or ">" in line:
        raise NotAnAttendee(line)
    return Attendee(line, "")
