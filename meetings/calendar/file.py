"""Reads a calendar file: its events, and what is left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma as number
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meetings.calendar.components import Component, components_of, lines_of
from meetings.calendar.errors import LeftOut, NotACalendar
from meetings.calendar.events import CalendarEvent, Source, source_of
from meetings.calendar.rules import Steps
from meetings.calendar.series import Series, series_of
from meetings.calendar.times import Zones
from meetings.calendar.words import title_of

MOST_EVENTS = 2_000
"""How many events a file may hold."""

MOST_MEETINGS = 300
"""How many meetings one file makes or changes."""

_NOT_EVENTS = {
    "VTODO": gettext_lazy("tasks"),
    "VJOURNAL": gettext_lazy("journal entries"),
    "VFREEBUSY": gettext_lazy("free or busy times"),
}


@dataclass(frozen=True)
class NotTaken:
    """An event that becomes no meeting, and why."""

    title: str
    reason: str
    starts_at: datetime | None = None


@dataclass
class CalendarFile:
    """The content of a file. `remarks` concern it as a whole."""

    series: list[Series] = field(default_factory=list)
    not_taken: list[NotTaken] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_calendar(content: bytes, *, now: datetime) -> CalendarFile:
    """Return what a calendar file holds; raises `NotACalendar` where there is nothing to take.

    One event that cannot be taken is left out, and the others are taken.
    """
    root = components_of(lines_of(content))
    calendars = [root, *(part for part in root.parts if part.name == "VCALENDAR")]
    found = [(calendar, list(_events_in(calendar))) for calendar in calendars]
    others = Counter(part.name for each in calendars for part in each.parts)
    _check(sum(len(events) for _, events in found), others)
    file, steps = CalendarFile(), Steps()
    for calendar, events in found:
        _read(file, calendar, events, now, steps)
    file.remarks += _left_out_remarks(others)
    return _nearest(file, now)


def _check(count: int, others: Counter[str]) -> None:
    if count > MOST_EVENTS:
        raise NotACalendar(
            _(
                "There are %(count)s events in this file, and %(most)s are the most that can be"
                " read at once. Export a shorter time."
            )
            % {"count": number(count), "most": number(MOST_EVENTS)}
        )
    if not count:
        raise NotACalendar(
            " ".join([_("There is no event in this file."), *_left_out_remarks(others)])
        )


def _events_in(component: Component) -> Iterator[Component]:
    """Yield the events, also one inside another whose end is missing."""
    for part in component.parts:
        if part.name == "VEVENT":
            yield part
            yield from _events_in(part)


def _read(
    file: CalendarFile, calendar: Component, events: list[Component], now: datetime, steps: Steps
) -> None:
    zones, sources = Zones(calendar, steps), dict[tuple[str, str], Source]()
    method = calendar.value("METHOD").strip().upper()
    for component in events:
        try:
            source = source_of(component, zones, method=method)
        except LeftOut as error:
            file.not_taken.append(NotTaken(title_of(component), str(error)))
            continue
        _keep_newest(file, sources, source)
    by_uid: dict[str, list[Source]] = {}
    for source in sources.values():
        by_uid.setdefault(source.event.uid, []).append(source)
    for group in by_uid.values():
        try:
            file.series.append(series_of(group, zones, now=now, steps=steps))
        except LeftOut as error:
            file.not_taken.append(_not_taken(group[0].event, str(error)))


def _keep_newest(file: CalendarFile, sources: dict[tuple[str, str], Source], new: Source) -> None:
    """Keep one event of each id: the newest version, and of equal ones the last."""
    key = (new.event.uid, new.event.occurrence)
    if known := sources.pop(key, None):
        if new.event.version.is_older_than(known.event.version):
            known, new = new, known
        reason = _(
            "The same event is in this file once more, in a version that is as new or newer."
        )
        file.not_taken.append(_not_taken(known.event, reason))
    sources[key] = new


def _not_taken(event: CalendarEvent, reason: str) -> NotTaken:
    return NotTaken(event.title, reason, event.starts_at)


def _left_out_remarks(others: Counter[str]) -> list[str]:
    return [
        _("Only events become meetings. Left out: %(what)s (%(name)s), %(count)s in this file.")
        % {"what": word, "name": name, "count": number(others[name])}
        for name, word in _NOT_EVENTS.items()
        if others[name]
    ]


def _nearest(file: CalendarFile, now: datetime) -> CalendarFile:
    """Return the file with as many events as are taken at once: first what is still to come."""
    events = [event for series in file.series for event in series.events]
    if len(events) <= MOST_MEETINGS:
        return file
    events.sort(key=lambda event: (event.starts_at < now, abs(event.starts_at - now)))
    kept = {id(event) for event in events[:MOST_MEETINGS]}
    file.remarks.append(
        _(
            "%(count)s dates, the furthest from today, are left out: %(most)s are taken from one"
            " file."
        )
        % {"count": number(len(events) - MOST_MEETINGS), "most": MOST_MEETINGS}
    )
    for place, series in enumerate(file.series):
        left = tuple(event for event in series.events if id(event) in kept)
        if len(left) < len(series.events):
            file.series[place] = replace(series, events=left, complete_since=None)
    return file
