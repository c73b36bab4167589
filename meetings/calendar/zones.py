"""The time zones of one calendar: those it defines, and those that are known everywhere.

A definition (VTIMEZONE) counts for its own calendar only (RFC 5545, 3.6.5): it lives in an object
that is made for the file and goes with it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone
from tzlocal.windows_tz import win_tz

from integrations.text import clean_text
from meetings.calendar.components import Component
from meetings.calendar.errors import LeftOut
from meetings.calendar.moments import Moment, Offset, Zone, bounded, moment_of
from meetings.calendar.outlook import DISPLAY_NAMES
from meetings.calendar.rules import NotFollowed, Rule, Steps, days_of, rule_of

MOST_OBSERVANCES = 200

_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})(?::?(\d{2}))?", re.ASCII)
_FIXED = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?", re.ASCII | re.IGNORECASE)
_BEFORE_CITIES = re.compile(r"\(\s?(?:UTC|GMT)[^)]{0,12}\)\s?", re.IGNORECASE)


@dataclass(frozen=True)
class KnownZone:
    """A zone of the IANA database."""

    zone: ZoneInfo
    remark: str = ""

    def instant(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.zone).astimezone(UTC)


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
            return _site_zone()
        if name not in self._found:
            self._found[name] = self._own(name) or known_zone(name)
        if (zone := self._found[name]) is not None:
            return zone
        why = (
            "is defined in a way that is not followed" if name in self._defined else "is not known"
        )
        raise LeftOut(
            f"Its time zone {why} here: {clean_text(name)[:60]}. Write it down as a new meeting, or"
            " export it in another zone."
        )

    def moment(self, text: str, name: str) -> Moment:
        """Return the moment in the zone of that name; raises `LeftOut`.

        A day without a time is that day wherever one is (RFC 5545, 3.2.19), so it is the site's.
        """
        return bounded(moment_of(text, self.named(name if "T" in text.upper() else "")))

    def _own(self, name: str) -> Zone | None:
        """Return the zone as the calendar defines it, where the definition can be followed."""
        if name not in self._defined:
            return None
        try:
            return DefinedZone.of(self._defined[name], self._steps)
        except (NotFollowed, LeftOut):
            return None


def known_zone(name: str) -> Zone | None:
    """Return the zone with a name by IANA, Windows or Outlook, or with an offset for a name."""
    name = name.strip("\"' ")
    if key := _key(name):
        return KnownZone(ZoneInfo(key))
    if match := _FIXED.fullmatch(name):
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return Offset(offset if sign == "+" else -offset) if offset < timedelta(hours=15) else None
    return None


def _key(name: str) -> str | None:
    """Return the IANA name; some programs write it at the end of a path of their own."""
    known, parts = _names(), name.casefold().split("/")[-3:]
    tails = ("/".join(parts[first:]) for first in range(len(parts) - 1))
    cities = _BEFORE_CITIES.sub("", name, count=1).replace("&amp;", "&").casefold().strip()
    return next((known[each] for each in (name.casefold(), *tails, cities) if each in known), None)


@cache
def _names() -> dict[str, str]:
    """Return the IANA name by every known name. Built of nothing that a file brought."""
    iana = {name.casefold(): name for name in available_timezones() if name != "localtime"}
    windows = {name.casefold(): key for name, key in win_tz.items()}
    outlook = {cities.casefold(): win_tz[name] for cities, name in DISPLAY_NAMES.items()}
    return outlook | windows | iana


def _site_zone() -> Zone:
    name = timezone.get_current_timezone_name()
    return KnownZone(ZoneInfo(name), f"It names no time zone: its time is taken as {name}.")


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
        found += self._in_year(local.year - 1, steps) + self._in_year(local.year, steps)
        return max((each for each in found if each <= local), default=None)

    def _in_year(self, year: int, steps: Steps) -> list[datetime]:
        if self.rule is None:
            return []
        if year not in self.years:
            self.years[year] = list(self._by_rule(self.rule, year, steps))
        return self.years[year]

    def _by_rule(self, rule: Rule, year: int, steps: Steps) -> Iterator[datetime]:
        since, until = date(year, 1, 1), date(year, 12, 31)
        for day in days_of(rule, self.start.date(), since=since, until=until, steps=steps):
            onset = datetime.combine(day, self.start.time())
            if self.until is None or onset - self.before <= self.until:
                yield onset


@dataclass(frozen=True)
class DefinedZone:
    """A zone as a calendar defines it."""

    observances: list[Observance]
    steps: Steps
    remark: str = ""

    @classmethod
    def of(cls, component: Component, steps: Steps) -> DefinedZone:
        """Return the zone; raises `NotFollowed` or `LeftOut` for a definition we cannot follow."""
        parts = [each for each in component.parts if each.name in ("STANDARD", "DAYLIGHT")]
        if not 0 < len(parts) <= MOST_OBSERVANCES:
            raise NotFollowed("number of observances")
        return cls([_observance(part, steps) for part in parts], steps)

    def instant(self, local: datetime) -> datetime:
        try:
            return self._instant(local)
        except NotFollowed:
            raise LeftOut("There are too many dates in this file.") from None

    def _instant(self, local: datetime) -> datetime:
        pairs = [(each.onset(local, self.steps), each) for each in self.observances]
        past = [(onset, each) for onset, each in pairs if onset is not None]
        if not past:
            first = min(self.observances, key=lambda each: each.start)
            return (local - first.before).replace(tzinfo=UTC)
        onset, current = max(past, key=lambda pair: pair[0])
        # A time that clocks skip is meant by the offset before the gap (RFC 5545, 3.3.5).
        is_skipped = local - onset < current.after - current.before
        offset = current.before if is_skipped else current.after
        return (local - offset).replace(tzinfo=UTC)


def _observance(part: Component, steps: Steps) -> Observance:
    after = _offset(part.value("TZOFFSETTO"))
    before = _offset(part.value("TZOFFSETFROM")) if part.value("TZOFFSETFROM") else after
    texts = [text for line in part.all("RDATE") for text in line.value.split(",")]
    if texts:
        steps.take(5 * len(texts))
    starts = [moment_of(text, Offset()).local for text in [part.value("DTSTART"), *texts]]
    rule = rule_of(part.value("RRULE"), starts[0].time()) if part.value("RRULE") else None
    if rule is not None and (rule.frequency != "YEARLY" or rule.interval != 1):
        raise NotFollowed(f"FREQ={rule.frequency}")
    until = moment_of(rule.until, Offset()).local if rule is not None and rule.until else None
    return Observance(before, after, starts[0], sorted(starts), rule, until)


def _offset(text: str) -> timedelta:
    match = _OFFSET.fullmatch(text.strip())
    if match is None or int(match[2]) > 15:
        raise NotFollowed(f"offset {text[:40]}")
    sign, hours, minutes, seconds = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
    return offset if sign == "+" else -offset
