"""Works out the meetings of one event or series, and since when the list is complete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from meetings.calendar.errors import LeftOut
from meetings.calendar.events import CalendarEvent, Source
from meetings.calendar.rules import NotFollowed, Rule, Steps, days_of, rule_of
from meetings.calendar.times import YEARS, Moment, Zones, moment_of

BEFORE = timedelta(weeks=4)
AHEAD = timedelta(weeks=8)

READING, MAKING = 5, 40
"""How many steps of `MOST_STEPS` it takes to read a date, and to make an occurrence."""


@dataclass(frozen=True)
class Window:
    """The time in which a series' occurrences become meetings."""

    since: datetime
    until: datetime

    @classmethod
    def around(cls, now: datetime, start: datetime) -> Window:
        """Return the window: some weeks around now; of what begins later, its first weeks."""
        return cls(now - BEFORE, max(now, start) + AHEAD)

    def __contains__(self, instant: datetime) -> bool:
        return self.since <= instant <= self.until

    def __str__(self) -> str:
        days = (timezone.localtime(each) for each in (self.since, self.until))
        since, until = (date_format(day, "DATE_FORMAT") for day in days)
        return _("%(since)s to %(until)s") % {"since": since, "until": until}


@dataclass(frozen=True)
class Series:
    """The meetings of one uid.

    `complete_since`: from then on, a meeting that is not among `events` is no longer in the series.
    """

    head: CalendarEvent
    events: tuple[CalendarEvent, ...]
    is_cancelled: bool = False
    complete_since: datetime | None = None


def series_of(sources: list[Source], zones: Zones, *, now: datetime, steps: Steps) -> Series:
    """Return what the events of one uid, each in its newest version, come to.

    Raises `LeftOut` for a series without any date that becomes a meeting.
    """
    main = next((each for each in sources if each.replaces is None), None)
    changed = [each for each in sources if each.replaces is not None]
    if main is None:
        return Series(changed[0].event, tuple(each.event for each in changed))
    if main.event.is_cancelled:
        return Series(main.event, (), is_cancelled=True)
    if not main.repeats:
        alone = (main.event, *(each.event for each in changed))
        return Series(main.event, alone, complete_since=now)
    return _Repeating(main, zones, now, steps).with_changes(changed)


class _Repeating:
    """A series: the dates of its rule and its extra dates, without those taken out."""

    def __init__(self, main: Source, zones: Zones, now: datetime, steps: Steps) -> None:
        self.main, self.start, self.zones, self.steps = main, main.start, zones, steps
        self.now, self.window = now, Window.around(now, main.event.starts_at)
        self.remarks = list(main.event.remarks)
        self.is_followed = True

    def with_changes(self, changed: list[Source]) -> Series:
        moments = self._moments()
        remarks = (
            *self.remarks,
            _("It repeats: its dates from %(days)s are taken.") % {"days": self.window},
        )
        head = replace(self.main.event, remarks=remarks)
        events = {moment.key(): head.at(moment) for moment in moments}
        for each in changed:
            key = self._key(each.replaces or each.start)
            events[key] = replace(each.event, occurrence=key)
        if not events:
            raise LeftOut(_("It repeats, and has no date from %(days)s.") % {"days": self.window})
        since = self.window.since if self.is_followed else None
        return Series(head, tuple(events.values()), complete_since=since)

    def _moments(self) -> list[Moment]:
        taken_out = {self._key(moment) for moment in self._dates("EXDATE")}
        moments = [*self._by_rule(), *self._dates("RDATE")]
        return [
            moment
            for moment in moments
            if moment.instant in self.window and moment.key() not in taken_out
        ]

    def _key(self, moment: Moment) -> str:
        """Return the key of the occurrence that is meant, be it named by its day or its time."""
        if self.start.is_day:
            return f"{moment.local:%Y%m%d}"
        if moment.is_day:
            return self._on(moment).key()
        return moment.key()

    def _on(self, moment: Moment) -> Moment:
        return self.start.at(datetime.combine(moment.local.date(), self.start.local.time()))

    def _by_rule(self) -> list[Moment]:
        try:
            return list(self._occurrences())
        except NotFollowed as error:
            self.is_followed = False
            self.remarks.append(
                _(
                    "It repeats in a way that is not followed here (%(part)s): of its rule, only"
                    " the first date is taken."
                )
                % {"part": error}
            )
            self.window = replace(self.window, since=min(self.window.since, self.start.instant))
            return [self.start]

    def _occurrences(self) -> Iterator[Moment]:
        """Yield the start, and what each rule adds to it."""
        yield self.start
        if self.main.values("EXRULE"):
            raise NotFollowed("EXRULE")
        for text in self.main.values("RRULE"):
            yield from self._of_rule(rule_of(text, self.start.local.time()))

    def _of_rule(self, rule: Rule) -> Iterator[Moment]:
        last = min(self.window.until, self._end(rule))
        first, day = self.start.local.date(), timedelta(days=1)
        since, until = self.window.since.date() - day, last.date() + day
        for each in days_of(rule, first, since=since, until=until, steps=self.steps):
            self.steps.take(MAKING)
            moment = self.start.at(datetime.combine(each, self.start.local.time()))
            if moment.instant <= last:
                yield moment

    def _end(self, rule: Rule) -> datetime:
        """Return the last instant that the rule reaches."""
        if not rule.until:
            return self.window.until
        try:
            end = moment_of(rule.until, self.start.zone)
        except LeftOut:
            raise NotFollowed(f"UNTIL={rule.until[:40]}") from None
        if end.local.year >= YEARS.stop:
            return self.window.until
        if end.local.year < YEARS.start:
            return self.start.instant
        if end.is_day or self.start.is_day:
            return self.start.at(datetime.combine(end.local.date(), time(23, 59))).instant
        return end.instant

    def _dates(self, name: str) -> Iterator[Moment]:
        """Yield the dates of a list; one that cannot be read becomes a remark."""
        for line in self.main.component.all(name):
            for text in line.value.split(","):
                try:
                    self.steps.take(READING)
                    moment = self.zones.moment(line, text.partition("/")[0])
                    moment.instant  # noqa: B018 -- raises where it cannot be told
                except (LeftOut, NotFollowed) as error:
                    self._unread(name, error)
                    return
                yield moment

    def _unread(self, name: str, error: Exception) -> None:
        said = (
            _("Not all of its extra dates can be read: %(reason)s")
            if name == "RDATE"
            else _("Not all of its dates that are taken out can be read: %(reason)s")
        )
        self.is_followed = False
        self.remarks.append(said % {"reason": error})
