"""Recurrence rules (RFC 5545, 3.3.10): on which days something repeats.

The parts that calendars export are followed; a rule with any other is refused, so that nothing is
made on a wrong day. A rule is a filter over days, and every day that is looked at counts against
one limit for the whole file. (dateutil looks for the next day up to the year 9999, which takes half
a minute where there is none.)
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from django.utils.translation import gettext as _

MOST_STEPS = 200_000
"""The most work that one file may cause; to look at a day is one step."""

_DAY = timedelta(days=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,10}", re.ASCII)
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_PARTS = frozenset(
    ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS")
)


class NotFollowed(ValueError):
    """A rule that is wrong, or that is right and not followed here; the message names the part."""


class Steps:
    """A counter of the work that a file may still cause."""

    def __init__(self, left: int = MOST_STEPS) -> None:
        self.left = left

    def take(self, steps: int = 1) -> None:
        """Count some work; raises `NotFollowed` when the file has asked for too much."""
        self.left -= steps
        if self.left < 0:
            raise NotFollowed(_("too many dates in one file"))


@dataclass(frozen=True)
class Rule:
    """A rule as it was written. `weekdays` are pairs: which one of its period (0: each), Monday 0.

    `until` stays text: what it means depends on the event's time zone.
    """

    frequency: str
    interval: int = 1
    count: int | None = None
    until: str = ""
    week_start: int = 0
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()
    positions: frozenset[int] = frozenset()


def rule_of(text: str, at: time) -> Rule:
    """Return the rule; raises `NotFollowed`. A time of day that it names has to be the start's."""
    found = (part.partition("=") for part in "".join(text.upper().split()).split(";") if part)
    parts = {name: value for name, _, value in found}
    for name, own in (("BYHOUR", at.hour), ("BYMINUTE", at.minute), ("BYSECOND", at.second)):
        if parts.get(name) in (str(own), f"{own:02}"):
            del parts[name]
    if unknown := parts.keys() - _PARTS:
        raise NotFollowed(min(unknown)[:40])
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise NotFollowed(f"FREQ={frequency[:40]}")
    rule = Rule(
        frequency=frequency,
        interval=min(_numbers(parts, "INTERVAL", 1, 999), default=1),
        count=min(_numbers(parts, "COUNT", 1, 9_999_999_999), default=None),
        until=parts.get("UNTIL", ""),
        week_start=min((day for _, day in _pairs(parts.get("WKST", ""))), default=0),
        months=_numbers(parts, "BYMONTH", 1, 12),
        month_days=_numbers(parts, "BYMONTHDAY", 1, 31, signed=True),
        weekdays=frozenset(_pairs(parts.get("BYDAY", ""))),
        positions=_numbers(parts, "BYSETPOS", 1, 366, signed=True),
    )
    if frequency in ("DAILY", "WEEKLY") and any(nth for nth, _ in rule.weekdays):
        raise NotFollowed("BYDAY")
    return rule


def days_of(rule: Rule, start: date, *, since: date, until: date, steps: Steps) -> Iterator[date]:
    """Yield the days between two others, both included; the first of all is always `start`.

    A rule that counts is followed from its start on. Raises `NotFollowed` when `steps` are used up.
    """
    rule, seen = _complete(rule, start), 0
    day = start if rule.count is not None else max(start, since)
    while day <= until and (rule.count is None or seen < rule.count):
        steps.take()
        if day == start or (_fits(rule, start, day) and _has_position(rule, start, day, steps)):
            seen += 1
            if day >= since:
                yield day
        day += _DAY


def _complete(rule: Rule, start: date) -> Rule:
    """Return the rule with what it leaves to the start: the day of the week, month or year."""
    if rule.frequency == "DAILY" or rule.weekdays or rule.month_days:
        return rule
    if rule.frequency == "WEEKLY":
        return replace(rule, weekdays=frozenset({(0, start.weekday())}))
    if rule.frequency == "YEARLY" and not rule.months:
        rule = replace(rule, months=frozenset({start.month}))
    return replace(rule, month_days=frozenset({start.day}))


def _fits(rule: Rule, start: date, day: date) -> bool:
    if (_period(rule, day) - _period(rule, start)) % rule.interval:
        return False
    if rule.months and day.month not in rule.months:
        return False
    length = calendar.monthrange(day.year, day.month)[1]
    if rule.month_days and not {day.day, day.day - length - 1} & rule.month_days:
        return False
    if not rule.weekdays or (0, day.weekday()) in rule.weekdays:
        return True
    number = day.day
    if rule.frequency == "YEARLY" and not rule.months:
        number, length = day.timetuple().tm_yday, 365 + calendar.isleap(day.year)
    nth = {(number - 1) // 7 + 1, -((length - number) // 7 + 1)}
    return any((n, day.weekday()) in rule.weekdays for n in nth)


def _period(rule: Rule, day: date) -> int:
    """Return the number of the day, week, month or year that a day is in."""
    match rule.frequency:
        case "DAILY":
            return day.toordinal()
        case "WEEKLY":
            return (day.toordinal() - 1 - rule.week_start) // 7
        case "MONTHLY":
            return day.year * 12 + day.month
    return day.year


def _has_position(rule: Rule, start: date, day: date, steps: Steps) -> bool:
    """Say whether a day that fits is one of those of its period that BYSETPOS wants."""
    if not rule.positions:
        return True
    before = _fitting_beside(rule, start, day, -_DAY, steps)
    behind = _fitting_beside(rule, start, day, _DAY, steps)
    return bool({before + 1, -behind - 1} & rule.positions)


def _fitting_beside(rule: Rule, start: date, day: date, step: timedelta, steps: Steps) -> int:
    """Count the days of the same period that fit, in one direction."""
    period, count = _period(rule, day), 0
    while _period(rule, day := day + step) == period:
        steps.take()
        count += _fits(rule, start, day)
    return count


def _numbers(
    parts: dict[str, str], name: str, least: int, most: int, *, signed: bool = False
) -> frozenset[int]:
    """Return the numbers of a part, each in range; raises `NotFollowed`."""
    texts = parts[name].split(",") if name in parts else []
    numbers = frozenset(int(text) for text in texts if _NUMBER.fullmatch(text))
    in_range = all(least <= (abs(n) if signed else n) <= most for n in numbers)
    if not in_range or not all(map(_NUMBER.fullmatch, texts)):
        raise NotFollowed(f"{name}={parts[name][:40]}")
    return numbers


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    for part in filter(None, text.split(",")):
        match = _BY_DAY.fullmatch(part)
        if match is None:
            raise NotFollowed(f"BYDAY={part[:40]}")
        yield int(match[1] or 0), _WEEKDAYS.index(match[2])
