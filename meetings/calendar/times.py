"""Dates and times as calendars write them (RFC 5545, 3.3.5), in the time zones of one calendar.

A definition of a zone (VTIMEZONE) counts for its own calendar only (3.6.5): it lives in an object
that is made for the file and goes with it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _
from tzlocal.windows_tz import win_tz

from integrations.alloy.text import clean_text
from meetings.calendar.components import Component, Property
from meetings.calendar.errors import LeftOut
from meetings.calendar.rules import NotFollowed, Rule, Steps, days_of, rule_of

YEARS = range(1900, 2200)
"""Other years are a mistake, or more than forms and databases hold in every zone."""

MOST_OBSERVANCES = 200

_BETWEEN = re.compile(r"(?<=\d)-(?=\d\d(?:-|T|$))|:|\s")
_MOMENT = re.compile(r"(\d{8})(?:T(\d{4})(\d{2})?)?(Z|[+-]\d{4})?", re.ASCII | re.IGNORECASE)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})(?::?(\d{2}))?", re.ASCII)

Zone = Callable[[datetime], datetime]
"""Returns a local time of the zone as an aware one, in UTC; raises `LeftOut`."""


@dataclass(frozen=True)
class Moment:
    """A local time in its zone; of a day without a time, midnight."""

    local: datetime
    zone: Zone
    is_day: bool = False

    @property
    def instant(self) -> datetime:
        """The time in UTC; raises `LeftOut`."""
        return self.zone(self.local)

    def at(self, local: datetime) -> Moment:
        """Return another time in the same zone."""
        return Moment(local, self.zone, self.is_day)

    def key(self) -> str:
        """Return what names this occurrence of a series in every file, in whatever zone."""
        return f"{self.local:%Y%m%d}" if self.is_day else f"{self.instant:%Y%m%dT%H%M%SZ}"


def known(zone: tzinfo) -> Zone:
    """Return a zone that Python knows."""
    return lambda local: local.replace(tzinfo=zone).astimezone(UTC)


def moment_of(text: str, zone: Zone) -> Moment:
    """Return the moment, which is in this zone unless it names UTC itself; raises `LeftOut`.

    Hyphens and colons, which other standards want, are passed over.
    """
    match = _MOMENT.fullmatch(_BETWEEN.sub("", text[:40]))
    if match is None:
        raise LeftOut(_("Its date cannot be read: %(date)s.") % {"date": text[:40]})
    day, minutes, seconds, offset = match.groups()
    try:
        at = f"{minutes or '0000'}{min(int(seconds or 0), 59):02}"
        local = datetime.strptime(day + at, "%Y%m%d%H%M%S")
        if offset:
            zone = known(UTC if offset in "Zz" else timezone(_offset(offset)))
    except ValueError:
        raise LeftOut(_("There is no such date: %(date)s.") % {"date": text[:40]}) from None
    return Moment(local, zone, is_day=minutes is None)


def bounded(moment: Moment) -> Moment:
    """Return the moment; raises `LeftOut` where it is outside of `YEARS`."""
    if moment.local.year not in YEARS:
        raise LeftOut(_("Its date is in the year %(year)d.") % {"year": moment.local.year})
    return moment


class Zones:
    """The zones that a calendar names, each worked out once."""

    def __init__(self, calendar: Component, steps: Steps) -> None:
        self._defined = {
            part.value("TZID").strip(): part for part in calendar.parts if part.name == "VTIMEZONE"
        }
        self._steps = steps
        self._found: dict[str, Zone | None] = {}

    def named(self, name: str) -> Zone:
        """Return the zone of that name; without a name, the site's. Raises `LeftOut`."""
        name = name.strip()
        if not name:
            return known(ZoneInfo(get_current_timezone_name()))
        if name not in self._found:
            self._found[name] = self._own(name) or known_zone(name)
        if (zone := self._found[name]) is not None:
            return zone
        why = (
            _("Its time zone is defined in a way that is not followed here: %(zone)s.")
            if name in self._defined
            else _("Its time zone is not known here: %(zone)s.")
        )
        advice = _("Write it down as a new meeting, or export it in another zone.")
        raise LeftOut(f"{why % {'zone': clean_text(name)[:60]}} {advice}")

    def moment(self, line: Property, text: str = "") -> Moment:
        """Return the moment of a line, or of one of its values; raises `LeftOut`.

        A day without a time is that day wherever one is (RFC 5545, 3.2.19), so it is the site's.
        """
        text = text or line.value
        name = line.parameter("TZID") if "T" in text.upper() else ""
        return bounded(moment_of(text, self.named(name)))

    def _own(self, name: str) -> Zone | None:
        """Return the zone as the calendar defines it, where the definition can be followed."""
        if name not in self._defined:
            return None
        try:
            return DefinedZone.of(self._defined[name], self._steps)
        except (NotFollowed, LeftOut):
            return None


def known_zone(name: str) -> Zone | None:
    """Return the zone with a name by IANA or Windows.

    Some programs write an IANA name at the end of a path of their own.
    """
    names, parts = _names(), name.strip("\"' ").casefold().split("/")
    tails = ("/".join(parts[-length:]) for length in (len(parts), 3, 2))
    return next((known(ZoneInfo(names[each])) for each in tails if each in names), None)


@cache
def _names() -> dict[str, str]:
    """Return the IANA name by every known name. Built of nothing that a file brought."""
    iana = {name.casefold(): name for name in available_timezones() if name != "localtime"}
    return {name.casefold(): key for name, key in win_tz.items()} | iana


@dataclass
class Observance:
    """A part of a zone's year: the offset that counts from each of its onsets on."""

    before: timedelta
    after: timedelta
    start: datetime
    onsets: list[datetime]
    rule: Rule | None
    until: datetime | None
    years: dict[int, list[datetime]] = field(default_factory=dict)

    def onset(self, local: datetime, steps: Steps) -> datetime | None:
        """Return the last onset that is not later."""
        steps.take()
        index = bisect_right(self.onsets, local)
        found = self.onsets[max(index - 1, 0) : index]
        for year in (local.year - 1, local.year) if self.rule else ():
            if year not in self.years:
                self.years[year] = list(self._by_rule(year, steps))
            found = found + self.years[year]
        return max((each for each in found if each <= local), default=None)

    def _by_rule(self, year: int, steps: Steps) -> Iterator[datetime]:
        assert self.rule is not None  # noqa: S101 -- for the type checker
        since, until = date(year, 1, 1), date(year, 12, 31)
        for day in days_of(self.rule, self.start.date(), since=since, until=until, steps=steps):
            onset = datetime.combine(day, self.start.time())
            if self.until is None or onset - self.before <= self.until:
                yield onset


@dataclass(frozen=True)
class DefinedZone:
    """A zone as a calendar defines it."""

    observances: list[Observance]
    steps: Steps

    @classmethod
    def of(cls, component: Component, steps: Steps) -> DefinedZone:
        """Return the zone; raises `NotFollowed` or `LeftOut` for a definition we cannot follow."""
        parts = [each for each in component.parts if each.name in ("STANDARD", "DAYLIGHT")]
        if not 0 < len(parts) <= MOST_OBSERVANCES:
            raise NotFollowed("number of observances")
        return cls([_observance(part, steps) for part in parts], steps)

    def __call__(self, local: datetime) -> datetime:
        try:
            return (local - self._offset(local)).replace(tzinfo=UTC)
        except NotFollowed:
            raise LeftOut(_("There are too many dates in this file.")) from None

    def _offset(self, local: datetime) -> timedelta:
        pairs = [(each.onset(local, self.steps), each) for each in self.observances]
        past = [(onset, each) for onset, each in pairs if onset is not None]
        if not past:
            return min(self.observances, key=lambda each: each.start).before
        onset, current = max(past, key=lambda pair: pair[0])
        # A time that clocks skip is meant by the offset before the gap (RFC 5545, 3.3.5).
        is_skipped = local - onset < current.after - current.before
        return current.before if is_skipped else current.after


def _observance(part: Component, steps: Steps) -> Observance:
    after = _offset(part.value("TZOFFSETTO"))
    before = _offset(part.value("TZOFFSETFROM")) if part.value("TZOFFSETFROM") else after
    texts = [text for line in part.all("RDATE") for text in line.value.split(",")]
    if texts:
        steps.take(5 * len(texts))
    starts = [_local(text) for text in [part.value("DTSTART"), *texts]]
    rule = rule_of(part.value("RRULE"), starts[0].time()) if part.value("RRULE") else None
    if rule is not None and (rule.frequency != "YEARLY" or rule.interval != 1):
        raise NotFollowed(f"FREQ={rule.frequency}")
    until = _local(rule.until) if rule is not None and rule.until else None
    return Observance(before, after, starts[0], sorted(starts), rule, until)


def _local(text: str) -> datetime:
    return moment_of(text, known(UTC)).local


def _offset(text: str) -> timedelta:
    match = _OFFSET.fullmatch(text.strip())
    if match is None or int(match[2]) > 15:
        raise NotFollowed(f"offset {text[:40]}")
    sign, hours, minutes, seconds = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
    return offset if sign == "+" else -offset
