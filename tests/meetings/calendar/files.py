"""Calendar files for tests, written as their lines."""

from __future__ import annotations

from datetime import UTC, datetime

from meetings.calendar.events import CalendarEvent
from meetings.calendar.file import CalendarFile, read_calendar

NOW = datetime(2026, 11, 28, 6, tzinfo=UTC)

EVENT = """\
UID:weekly@example.com
SUMMARY:Weekly
DTSTART:20261120T120000Z
"""


def calendar(*events: str, head: str = "") -> bytes:
    """Return a file with these events, each without its BEGIN and END."""
    inside = "".join(f"BEGIN:VEVENT\n{event}END:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{head}{inside}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def read(content: bytes) -> CalendarFile:
    """Read a file on the day of the tests."""
    return read_calendar(content, now=NOW)


def events_in(content: bytes) -> list[CalendarEvent]:
    """Return all events that are taken."""
    return [event for series in read(content).series for event in series.events]


def starts(content: bytes) -> list[str]:
    """Return when the events that are taken start, in UTC."""
    return [f"{event.starts_at:%Y-%m-%d %H:%M}" for event in events_in(content)]


def reasons(content: bytes) -> list[str]:
    """Return why events are left out."""
    return [each.reason for each in read(content).not_taken]


def remarks(content: bytes) -> list[str]:
    """Return what is remarked of the events that are taken."""
    return [remark for event in events_in(content) for remark in event.remarks]
