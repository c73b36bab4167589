"""Dates and times as calendars write them (RFC 5545, 3.3.4 and 3.3.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

from meetings.calendar.errors import LeftOut

YEARS = range(1900, 2200)
"""What lies outside is a mistake, or beyond what forms and databases hold in any zone."""

_BETWEEN = re.compile(r"(?<=\d)-(?=\d\d(?:-|T|$))|:|\s")
_MOMENT = re.compile(
    r"(\d{8})(?:T(\d{2})(\d{2})(\d{2})?)?(?:(Z)|([+-])(\d{2})(\d{2}))?", re.ASCII | re.IGNORECASE
)


class Zone(Protocol):
    """A time zone."""

    @property
    def remark(self) -> str:
        """What the merchant should know about it, if anything."""

    def instant(self, local: datetime) -> datetime:
        """Return a local time as an aware one, in UTC; raises `LeftOut`."""


@dataclass(frozen=True)
class Offset:
    """A zone that is always so far from UTC."""

    offset: timedelta = timedelta()
    remark: str = ""

    def instant(self, local: datetime) -> datetime:
        return (local - self.offset).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Moment:
    """A local time in its zone; of a day without a time, midnight."""

    local: datetime
    zone: Zone
    is_day: bool = False

    @property
    def instant(self) -> datetime:
        """The time in UTC; raises `LeftOut`."""
        return self.zone.instant(self.local)

    def at(self, local: datetime) -> Moment:
        """Return another time in the same zone."""
        return Moment(local, self.zone, self.is_day)

    def key(self) -> str:
        """Return what names this occurrence of a series in every file, in whatever zone."""
        return f"{self.local:%Y%m%d}" if self.is_day else f"{self.instant:%Y%m%dT%H%M%SZ}"


def moment_of(text: str, zone: Zone) -> Moment:
    """Return the moment, which is in this zone unless it names UTC itself; raises `LeftOut`.

    Hyphens and colons, which other standards want, are passed over.
    """
    match = _MOMENT.fullmatch(_BETWEEN.sub("", text[:40]))
    if match is None:
        raise LeftOut(f"Its date cannot be read: {text[:40]}.")
    day, hours, minutes, seconds, utc, sign, east, past = match.groups()
    if utc:
        zone = Offset()
    elif sign:
        offset = timedelta(hours=int(east), minutes=int(past))
        zone = Offset(offset if sign == "+" else -offset)
    at = (int(hours or 0), int(minutes or 0), min(int(seconds or 0), 59))
    return Moment(_local(day, at), zone, is_day=hours is None)


def _local(day: str, at: tuple[int, int, int]) -> datetime:
    try:
        local = datetime.combine(datetime(int(day[:4]), int(day[4:6]), int(day[6:])), time(*at))
    except ValueError:
        raise LeftOut(f"There is no such date: {day}.") from None
    return local


def bounded(moment: Moment) -> Moment:
    """Return the moment; raises `LeftOut` where it lies outside of `YEARS`."""
    if moment.local.year not in YEARS:
        raise LeftOut(f"Its date is in the year {moment.local.year}.")
    return moment
