from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.attendees import attendees_in
from meetings.calendar import MOST_EVENTS, NotACalendar, events_in

EVENT = """\
UID:weekly@example.com
SUMMARY:Weekly
DTSTART:20261120T120000Z
"""


def calendar(*events: str) -> bytes:
    inside = "".join(f"BEGIN:VEVENT\n{event}END:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{inside}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def test_an_event_is_read() -> None:
    people = (
        "ATTENDEE;CN=Ada Lovelace:mailto:Ada@example.com\n"
        "ATTENDEE;CN=grace@example.com:MAILTO:grace@example.com\n"
        "ATTENDEE:invalid:nonsense@\n"
    )
    (event,) = events_in(calendar(f"{EVENT}DESCRIPTION:one\\ntwo\n{people}"))
    assert (event.uid, event.title) == ("weekly@example.com", "Weekly")
    assert event.starts_at == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert event.description == "one\ntwo"
    assert event.attendees == "Ada Lovelace <ada@example.com>\ngrace@example.com"


@pytest.mark.parametrize(
    ("start", "moment"),
    [
        ("DTSTART:20261120T120000", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("DTSTART;VALUE=DATE:20261120", datetime(2026, 11, 20, tzinfo=UTC)),
        ("DTSTART;TZID=Europe/Berlin:20261120T120000", datetime(2026, 11, 20, 11, tzinfo=UTC)),
    ],
)
def test_a_start_may_be_a_day_local_or_in_a_zone(start: str, moment: datetime) -> None:
    (event,) = events_in(calendar(f"UID:1\n{start}\n"))
    assert (event.starts_at, event.title) == (moment, "Untitled meeting")


def test_what_is_cancelled_or_has_no_date_or_id_is_left_out() -> None:
    found = events_in(
        calendar(
            EVENT,
            "UID:2\nSTATUS:CANCELLED\nDTSTART:20261120T120000Z\n",
            "UID:3\nSUMMARY:No date\n",
            "SUMMARY:No id\nDTSTART:20261120T120000Z\n",
        )
    )
    assert [event.uid for event in found] == ["weekly@example.com"]


def test_a_moved_occurrence_of_a_series_is_an_event_of_its_own() -> None:
    moved = "UID:weekly@example.com\nRECURRENCE-ID:20261127T120000Z\nDTSTART:20261128T090000Z\n"
    first, second = events_in(calendar(f"{EVENT}RRULE:FREQ=WEEKLY\n", moved))
    assert (first.uid, second.uid) == (
        "weekly@example.com",
        "weekly@example.com#2026-11-27T12:00:00+00:00",
    )


def test_the_last_of_two_events_with_one_id_counts() -> None:
    (event,) = events_in(calendar(EVENT, EVENT.replace("Weekly", "Monthly")))
    assert event.title == "Monthly"


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 no text", b"BEGIN:VCALENDAR", b"<html>", "Jörg".encode("latin-1")],
)
def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(NotACalendar, match=r"not a calendar file|no event"):
        events_in(content)


def test_a_calendar_without_events_is_refused() -> None:
    with pytest.raises(NotACalendar, match="no event with a date"):
        events_in(calendar())


def test_too_many_events_are_refused() -> None:
    with pytest.raises(NotACalendar, match="501 events"):
        events_in(calendar(*[EVENT.replace("weekly", str(n)) for n in range(MOST_EVENTS + 1)]))


LINES = (
    "UID:1",
    "DTSTART:x",
    "DTSTART:20261120",
    "DTSTART;TZID=Nowhere/X:00010101T000000",
    'ATTENDEE;CN="<a>":b',
    "ATTENDEE:mailto:a@b.c",
    "SUMMARY:\x00\x85",
    "DESCRIPTION:\\n\\,",
    "RECURRENCE-ID:99999999T999999Z",
    "STATUS:x",
    "BEGIN:VEVENT",
    "END:VEVENT",
)


@settings(deadline=None)
@given(st.lists(st.sampled_from(LINES)))
def test_no_file_makes_the_reader_fail_in_another_way(lines: list[str]) -> None:
    try:
        events = events_in(calendar("".join(f"{line}\n" for line in lines)))
    except NotACalendar:
        return
    for event in events:
        assert event.title.isprintable()
        attendees_in(event.attendees)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail_in_another_way(content: bytes) -> None:
    try:
        events_in(content)
    except NotACalendar:
        return
