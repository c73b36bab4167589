"""Recurrence rules (RFC 5545, 3.3.10): on which days something repeats.

The parts that calendars export are followed; a rule with any other is refused, so that nothing is
made on a wrong day. A rule is a filter over the days of each period, and every day that is looked
at counts against one limit for the whole file: no rule runs away.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

MOST_STEPS = 200_000
"""How much work one file may ask for: to look at a day is one step."""

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,10}", re.ASCII)
_LONGEST_INTERVAL = 999
_PARTS = frozenset(
    "FREQ INTERVAL COUNT UNTIL WKST BYDAY BYMONTH BYMONTHDAY BYSETPOS".split()  # noqa: SIM905
)


class NotFollowed(ValueError):
    """A rule that is wrong, or that is right and not followed here; the message names the part."""


class Steps:
    """How much work a file may still ask for."""

    def __init__(self, left: int = MOST_STEPS) -> None:
        self.left = left

    def take(self, steps: int = 1) -> None:
        """Count some work; raises `NotFollowed` when the file has asked for too much."""
        self.left -= steps
        if self.left < 0:
            raise NotFollowed("too many dates in one file")


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
    if frequency not in _PERIODS:
        raise NotFollowed(f"FREQ={frequency[:40]}")
    rule = Rule(
        frequency=frequency,
        interval=min(_numbers(parts, "INTERVAL", 1, _LONGEST_INTERVAL) or [1]),
        count=min(_numbers(parts, "COUNT", 1, 9_999_999_999), default=None),
        until=parts.get("UNTIL", ""),
        week_start=min(_weekday(pair[1]) for pair in _pairs(parts.get("WKST", "MO"))),
        months=_numbers(parts, "BYMONTH", 1, 12),
        month_days=_numbers(parts, "BYMONTHDAY", 1, 31, signed=True),
        weekdays=frozenset((n, _weekday(day)) for n, day in _pairs(parts.get("BYDAY", ""))),
        positions=_numbers(parts, "BYSETPOS", 1, 366, signed=True),
    )
    if frequency in ("DAILY", "WEEKLY") and any(nth for nth, _ in rule.weekdays):
        raise NotFollowed("BYDAY")
    return rule


def days_of(rule: Rule, start: date, *, since: date, until: date, steps: Steps) -> Iterator[date]:
    """Yield the days between two others, both included; the first of all is always `start`.

    Raises `NotFollowed` when `steps` are used up.
    """
    rule, seen = _complete(rule, start), 1
    if since <= start <= until:
        yield start
    for day in _candidates(rule, start, since, until, steps):
        seen += 1
        if rule.count is not None and seen > rule.count:
            return
        if day >= since:
            yield day


def _candidates(rule: Rule, start: date, since: date, until: date, steps: Steps) -> Iterator[date]:
    """Yield the days after the start. A rule that counts is followed from there on."""
    period = _PERIODS[rule.frequency]
    number = 0 if rule.count is not None else max(0, period.number(rule, start, since))
    while (first := period.first(rule, start, number)) <= until:
        steps.take()
        for day in _positioned(rule, list(_fitting(rule, period.days(rule, first), steps))):
            if start < day <= until:
                yield day
        number += 1


def _fitting(rule: Rule, days: Iterator[date], steps: Steps) -> Iterator[date]:
    for day in days:
        steps.take()
        if _fits(rule, day):
            yield day


def _positioned(rule: Rule, days: list[date]) -> list[date]:
    if not rule.positions:
        return days
    wanted = {n - 1 if n > 0 else len(days) + n for n in rule.positions}
    return [day for index, day in enumerate(days) if index in wanted]


def _fits(rule: Rule, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    length = calendar.monthrange(day.year, day.month)[1]
    if rule.month_days and not {day.day, day.day - length - 1} & rule.month_days:
        return False
    if not rule.weekdays or (0, day.weekday()) in rule.weekdays:
        return True
    if rule.frequency == "YEARLY" and not rule.months:
        number, length = day.timetuple().tm_yday, 365 + calendar.isleap(day.year)
    else:
        number = day.day
    nth = {(number - 1) // 7 + 1, -((length - number) // 7 + 1)}
    return any((n, day.weekday()) in rule.weekdays for n in nth)


def _complete(rule: Rule, start: date) -> Rule:
    """Return the rule with what it leaves to the start: the day of the week, month or year."""
    if rule.frequency == "DAILY" or rule.weekdays or rule.month_days:
        return rule
    if rule.frequency == "WEEKLY":
        return replace(rule, weekdays=frozenset({(0, start.weekday())}))
    if rule.frequency == "YEARLY" and not rule.months:
        rule = replace(rule, months=frozenset({start.month}))
    return replace(rule, month_days=frozenset({start.day}))


class _Days:
    """Every so many days; with `length` 7, weeks."""

    def __init__(self, length: int) -> None:
        self.length = length

    def _origin(self, rule: Rule, start: date) -> date:
        back = (start.weekday() - rule.week_start) % 7 if self.length > 1 else 0
        return start - timedelta(days=back)

    def number(self, rule: Rule, start: date, day: date) -> int:
        return (day - self._origin(rule, start)).days // (self.length * rule.interval)

    def first(self, rule: Rule, start: date, number: int) -> date:
        days = number * self.length * rule.interval
        return self._origin(rule, start) + timedelta(days=days)

    def days(self, rule: Rule, first: date) -> Iterator[date]:
        return (first + timedelta(days=n) for n in range(self.length))


class _Months:
    """Every so many months; with `length` 12, years."""

    def __init__(self, length: int) -> None:
        self.length = length

    def _index(self, day: date) -> int:
        return (day.year * 12 + day.month - 1) // self.length

    def number(self, rule: Rule, start: date, day: date) -> int:
        return (self._index(day) - self._index(start)) // rule.interval

    def first(self, rule: Rule, start: date, number: int) -> date:
        index = (self._index(start) + number * rule.interval) * self.length
        return date(index // 12, index % 12 + 1, 1)

    def days(self, rule: Rule, first: date) -> Iterator[date]:
        for month in range(first.month, first.month + self.length):
            if not rule.months or month in rule.months:
                length = calendar.monthrange(first.year, month)[1]
                yield from (date(first.year, month, n) for n in range(1, length + 1))


_PERIODS: dict[str, _Days | _Months] = {
    "DAILY": _Days(1),
    "WEEKLY": _Days(7),
    "MONTHLY": _Months(1),
    "YEARLY": _Months(12),
}


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


def _pairs(text: str) -> Iterator[tuple[int, str]]:
    for part in filter(None, text.split(",")):
        match = _BY_DAY.fullmatch(part)
        if match is None:
            raise NotFollowed(f"BYDAY={part[:40]}")
        yield int(match[1] or 0), match[2]


def _weekday(name: str) -> int:
    return _WEEKDAYS.index(name)
