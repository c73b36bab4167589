"""One VEVENT: what a meeting takes of it, and which version of the event it is."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.contrib.humanize.templatetags.humanize import intcomma as number
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _

from integrations.alloy.text import clean_text
from meetings.calendar.components import Component, Property
from meetings.calendar.errors import LeftOut
from meetings.calendar.times import Moment, Zones, bounded, known, moment_of
from meetings.calendar.words import description_of, kept_people, people_of, title_of

LONGEST_UID = 255

_IS_FLOATING = re.compile(r"[\d-]+T[\d:]+", re.ASCII)
_SEQUENCE = re.compile(r"\d{1,9}", re.ASCII)
_CONTENT = ("SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID", "LOCATION")


@dataclass(frozen=True)
class Version:
    """Which of an event's versions: first its SEQUENCE counts, then its DTSTAMP (RFC 5546)."""

    sequence: int = 0
    stamp: datetime | None = None

    def is_older_than(self, other: Version) -> bool:
        """Say whether the other is newer for certain."""
        if self.sequence != other.sequence:
            return self.sequence < other.sequence
        return bool(self.stamp and other.stamp and self.stamp < other.stamp)


@dataclass(frozen=True)
class CalendarEvent:
    """An event, or one occurrence of a series; `occurrence` is when that was meant to be.

    `uid` is the calendar's own id for it, the same in every export. `remarks` are for the merchant.
    """

    uid: str
    occurrence: str
    title: str
    starts_at: datetime
    attendees: str
    description: str
    version: Version
    is_cancelled: bool = False
    remarks: tuple[str, ...] = ()

    def at(self, moment: Moment) -> CalendarEvent:
        """Return the occurrence that the rule of its series puts at this moment."""
        return replace(self, occurrence=moment.key(), starts_at=moment.instant)


@dataclass(frozen=True)
class Source:
    """A VEVENT with what its series is worked out from."""

    component: Component
    event: CalendarEvent
    start: Moment
    replaces: Moment | None

    @property
    def repeats(self) -> bool:
        """Whether this is a series."""
        return any(self.values(name) for name in ("RRULE", "RDATE", "EXRULE"))

    def values(self, name: str) -> list[str]:
        """Return the values of that name, each once, without those that say nothing."""
        return list(
            dict.fromkeys(filter(None, (line.value.strip() for line in self.component.all(name))))
        )


def source_of(component: Component, zones: Zones, *, method: str) -> Source:
    """Return the event; raises `LeftOut`."""
    if not component.is_complete:
        raise LeftOut(_("The file breaks off in the middle of it."))
    if method in ("REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH"):
        raise LeftOut(_("It is an answer to an invitation, not an event."))
    status = clean_text(component.value("STATUS")).upper()
    is_cancelled = method == "CANCEL" or status in ("CANCELLED", "CANCELED")
    replaces = _moment(component.first("RECURRENCE-ID"), zones)
    start = _moment(component.first("DTSTART"), zones) or replaces
    if start is None and is_cancelled:
        start = Moment(datetime.now(UTC).replace(tzinfo=None), known(UTC))
    if start is None:
        raise LeftOut(_("It has no date."))
    people = people_of(component)
    event = CalendarEvent(
        uid=_uid(component),
        occurrence=replaces.key() if replaces else "",
        title=title_of(component),
        starts_at=start.instant,
        attendees="\n".join(kept_people(people)),
        description=description_of(component),
        version=_version(component),
        is_cancelled=is_cancelled,
        remarks=tuple(_remarks(component, start, left_out=len(people) - len(kept_people(people)))),
    )
    return Source(component, event, start, replaces)


def _moment(line: Property | None, zones: Zones) -> Moment | None:
    if line is None or not line.value.strip():
        return None
    return zones.moment(line)


def _remarks(component: Component, start: Moment, *, left_out: int) -> list[str]:
    found = []
    first = component.first("DTSTART") or component.first("RECURRENCE-ID")
    if start.is_day:
        found.append(_("It takes all day: here it begins at midnight."))
    elif first and not first.parameter("TZID") and _IS_FLOATING.fullmatch(first.value.strip()):
        name = get_current_timezone_name()
        found.append(_("It names no time zone: its time is taken as %(zone)s.") % {"zone": name})
    if left_out:
        words = _("%(count)s of its attendees are left out: a meeting takes no more here.")
        found.append(words % {"count": number(left_out)})
    line = component.first("RECURRENCE-ID")
    if line is not None and line.parameter("RANGE"):
        found.append(_("The change is meant for later dates too, and is made to this one only."))
    return found


def _uid(component: Component) -> str:
    """Return the event's id. Outlook on the web writes none: then one is made of the content."""
    uid = clean_text(component.value("UID"))
    if uid:
        return uid if len(uid) <= LONGEST_UID else _digest(uid)
    lines = [line for name in _CONTENT for line in component.all(name)]
    parts = [(line.value, line.parameter("TZID")) for line in lines]
    return f"content-{_digest(repr((parts, description_of(component))))}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _version(component: Component) -> Version:
    sequence = component.value("SEQUENCE").strip()
    number = int(sequence) if _SEQUENCE.fullmatch(sequence) else 0
    stamp = component.value("DTSTAMP") or component.value("LAST-MODIFIED")
    try:
        return Version(number, bounded(moment_of(stamp, known(UTC))).instant)
    except LeftOut:
        return Version(number)
