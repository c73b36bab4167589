"""Calendar files (iCalendar, RFC 5545): what in them is a meeting."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils import timezone
from icalendar import Calendar
from icalendar.error import BrokenCalendarProperty

from meetings.attendees import Attendee, NotAnAttendee, attendees_in

MOST_EVENTS = 500
LONGEST_UID = 255


class NotACalendar(ValueError):
    """The file holds no meeting that we can read; the message says why, to whoever brought it."""


@dataclass(frozen=True)
class CalendarEvent:
    """An event; `uid` is the calendar's own id for it, the same in every export."""

    uid: str
    title: str
    starts_at: datetime
    attendees: str
    description: str


def events_in(content: bytes) -> list[CalendarEvent]:
    """Return the events of a calendar file; raises `NotACalendar`.

    Cancelled events, and those without a date or an id, are left out. A series is one event: its
    first; an occurrence that was moved is one of its own.
    """
    try:
        calendars = Calendar.from_ical(content, multiple=True)
    except Exception as error:  # noqa: BLE001, RUF100 -- the library raises all kinds for bad input
        raise NotACalendar("This is not a calendar file that we can read (.ics).") from error
    components = [each for calendar in calendars for each in calendar.walk("VEVENT")]
    if len(components) > MOST_EVENTS:
        raise NotACalendar(
            f"There are {len(components):,} events in this file, and {MOST_EVENTS} are the most"
            " that can be imported at once. Export a shorter time."
        )
    events = list(_events(components))
    if not events:
        raise NotACalendar("There is no event with a date in this file.")
    return list({event.uid: event for event in events}.values())


def _events(components: list[Any]) -> Iterator[CalendarEvent]:
    for component in components:
        start = _moment(component.get("DTSTART"))
        uid = _text(component.get("UID"))
        if start is None or not uid or _text(component.get("STATUS")).upper() == "CANCELLED":
            continue
        yield CalendarEvent(
            uid=_short(uid + _occurrence(component)),
            title=_text(component.get("SUMMARY"))[:200] or "Untitled meeting",
            starts_at=start,
            attendees="\n".join(dict.fromkeys(_attendees(component))),
            description=_text(component.get("DESCRIPTION"), lines=True)[:100_000],
        )


def _moment(value: Any) -> datetime | None:
    """Return a date or time in UTC; one that names no zone is meant in the site's."""
    try:
        moment = getattr(value, "dt", None)
    except BrokenCalendarProperty:
        return None
    if isinstance(moment, date) and not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    if not isinstance(moment, datetime):
        return None
    try:
        aware = moment if moment.tzinfo else timezone.make_aware(moment)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _occurrence(component: Any) -> str:
    moment = _moment(component.get("RECURRENCE-ID"))
    return f"#{moment.isoformat()}" if moment else ""


def _attendees(component: Any) -> Iterator[str]:
    """Yield the attendees as lines; what is no attendee after all is left out."""
    found = component.get("ATTENDEE") or []
    for each in found if isinstance(found, list) else [found]:
        email = _text(each)
        email = email[7:] if email.lower().startswith("mailto:") else email
        name = _text(getattr(each, "params", {}).get("CN", ""))
        name = "" if "@" in name else "".join(sign for sign in name if sign not in '<>"').strip()
        try:
            people = attendees_in(str(Attendee(name, email)))
        except NotAnAttendee:
            continue
        yield from (str(person) for person in people)


def _text(value: Any, *, lines: bool = False) -> str:
    """Return a property as text that can be stored, on one line unless it may have several."""
    if isinstance(value, list):
        value = value[0]
    text = "" if value is None else str(value)
    text = text.encode(errors="replace").decode()
    kept = "".join(sign for sign in text if sign.isprintable() or (lines and sign == "\n"))
    return kept.strip()


def _short(uid: str) -> str:
    if len(uid) <= LONGEST_UID:
        return uid
    return hashlib.sha256(uid.encode()).hexdigest()
