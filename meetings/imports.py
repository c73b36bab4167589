"""Makes meetings of the events in a calendar file; returns a result for each event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations import database
from integrations.tenants.erasure import keep_tenant
from meetings.calendar.events import CalendarEvent, Version
from meetings.calendar.file import CalendarFile
from meetings.calendar.series import Series
from meetings.models import Meeting
from meetings.services import meeting_save

if TYPE_CHECKING:
    from accounts.models import User


_ORIGIN = ("calendar_occurrence", "calendar_sequence", "calendar_stamp")


class Result(Enum):
    """The result of an event: its words, and the tone of its pill."""

    LEFT_OUT = gettext_lazy("left out"), "waiting"
    CANCELLED = gettext_lazy("cancelled"), "bad"
    CHANGED = gettext_lazy("changed"), "info"
    MADE = gettext_lazy("new"), "good"
    SAME = gettext_lazy("as it was"), ""

    @property
    def words(self) -> str:
        return str(self.value[0])

    @property
    def tone(self) -> str:
        return str(self.value[1])


@dataclass(frozen=True)
class Imported:
    """One event's result; `meeting` where one was made, changed, or left as it was."""

    result: Result
    title: str
    starts_at: datetime | None
    remarks: tuple[str, ...] = ()
    meeting: Meeting | None = None


def meetings_import(*, merchant: User, file: CalendarFile) -> list[Imported]:
    """Make, change and cancel meetings as the file says; return what became of each event.

    The notes belong to the merchant: only a new meeting's begin with the event's description. The
    events of one uid are written together, and each uid on its own, so that a large file keeps
    nobody else from writing. A file that is imported again goes on where it broke off.
    """
    left_out = [
        Imported(Result.LEFT_OUT, each.title, each.starts_at, (each.reason,))
        for each in file.not_taken
    ]
    return [
        *(each for series in file.series for each in _import_series(merchant, series)),
        *left_out,
    ]


@database.atomic()
def _import_series(merchant: User, series: Series) -> list[Imported]:
    # Two imports at once take turns, so that both know what the other has made.
    keep_tenant(merchant)
    meetings = Meeting.objects.filter(merchant=merchant, calendar_uid=series.head.uid)
    held = {meeting.calendar_occurrence: meeting for meeting in meetings}
    _adopt(held, series)
    results = [_import(merchant, held, event) for event in series.events]
    return [*results, *_cancel_others(held, series)]


def _adopt(held: dict[str, Meeting], series: Series) -> None:
    """Take the meeting of an event that has become a series since as the date it is on."""
    for event in series.events:
        if "" in held and event.occurrence not in held and held[""].starts_at == event.starts_at:
            held[event.occurrence] = held.pop("")
            held[event.occurrence].calendar_occurrence = event.occurrence


def _import(merchant: User, held: dict[str, Meeting], event: CalendarEvent) -> Imported:
    meeting = held.pop(event.occurrence, None)
    if meeting is None:
        return _made(merchant, event)
    if event.version.is_older_than(_version(meeting)):
        reason = _("The meeting here comes from a newer version of this event.")
        return _result(Result.LEFT_OUT, event, meeting, reason)
    if event.is_cancelled:
        return _cancelled(meeting, event, *event.remarks)
    if meeting.is_cancelled and not _version(meeting).is_older_than(event.version):
        return _result(Result.SAME, event, meeting, _("It stays cancelled."))
    return _changed(meeting, event)


def _made(merchant: User, event: CalendarEvent) -> Imported:
    if event.is_cancelled:
        reason = _("It is cancelled, and no meeting was made of it before.")
        return _result(Result.LEFT_OUT, event, None, reason)
    meeting = Meeting(
        merchant=merchant,
        calendar_uid=event.uid,
        calendar_occurrence=event.occurrence,
        notes=event.description,
    )
    _fill(meeting, event)
    meeting_save(meeting=meeting)
    return _result(Result.MADE, event, meeting)


def _changed(meeting: Meeting, event: CalendarEvent) -> Imported:
    before = meeting.digest
    _fill(meeting, event)
    if meeting.digest == before:
        meeting.save(update_fields=_ORIGIN)
        return _result(Result.SAME, event, meeting)
    meeting_save(meeting=meeting)
    return _result(Result.CHANGED, event, meeting)


def _fill(meeting: Meeting, event: CalendarEvent) -> None:
    meeting.title, meeting.starts_at = event.title, event.starts_at
    meeting.attendees, meeting.is_cancelled = event.attendees, False
    _set_version(meeting, event.version)


def _cancel_others(held: dict[str, Meeting], series: Series) -> Iterator[Imported]:
    """Cancel the meetings that are no longer in the series, or all when it is cancelled."""
    head, since = series.head, series.complete_since
    for meeting in held.values():
        is_gone = series.is_cancelled or (since is not None and meeting.starts_at >= since)
        if is_gone and not head.version.is_older_than(_version(meeting)):
            reason = () if series.is_cancelled else (_("It is no longer among its series' dates."),)
            yield _cancelled(meeting, head, *reason)
        elif is_gone:
            reason = (_("The meeting here comes from a newer version of this event."),)
            yield _result(Result.LEFT_OUT, head, meeting, *reason)
    if series.is_cancelled and not held:
        reason = (_("It is cancelled, and no meeting was made of it before."),)
        yield _result(Result.LEFT_OUT, head, None, *reason)


def _cancelled(meeting: Meeting, event: CalendarEvent, *remarks: str) -> Imported:
    was_cancelled = meeting.is_cancelled
    meeting.is_cancelled = True
    _set_version(meeting, event.version)
    if was_cancelled:
        meeting.save(update_fields=_ORIGIN)
    else:
        meeting_save(meeting=meeting)
    result = Result.SAME if was_cancelled else Result.CANCELLED
    return Imported(result, meeting.title, meeting.starts_at, remarks, meeting)


def _result(
    result: Result, event: CalendarEvent, meeting: Meeting | None, *reasons: str
) -> Imported:
    remarks = reasons if result is Result.LEFT_OUT else (*event.remarks, *reasons)
    return Imported(result, event.title, event.starts_at, remarks, meeting)


def _version(meeting: Meeting) -> Version:
    return Version(meeting.calendar_sequence, meeting.calendar_stamp)


def _set_version(meeting: Meeting, version: Version) -> None:
    meeting.calendar_sequence = version.sequence
    meeting.calendar_stamp = version.stamp or meeting.calendar_stamp


@dataclass
class Row:
    """Events with one title that came to the same, each with its date."""

    result: Result
    title: str
    remarks: tuple[str, ...]
    events: list[Imported] = field(default_factory=list)

    @property
    def dates(self) -> list[Imported]:
        """The events whose date is known, the earliest first."""
        dated = [(each.starts_at, each) for each in self.events if each.starts_at is not None]
        return [each for _, each in sorted(dated, key=lambda pair: pair[0])]


def rows_of(imported: Iterable[Imported]) -> list[Row]:
    """Return the rows, first those that somebody may have to do something about."""
    rows: dict[tuple[object, ...], Row] = {}
    for each in imported:
        key = (each.result, each.title, each.remarks)
        rows.setdefault(key, Row(*key)).events.append(each)
    return sorted(rows.values(), key=lambda row: list(Result).index(row.result))


def counts_of(imported: Iterable[Imported]) -> list[tuple[Result, int]]:
    """Return how many events came to what, without what none came to."""
    counts = Counter(each.result for each in imported)
    return [(result, counts[result]) for result in Result if counts[result]]
