from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.attendees import attendees_in
from meetings.calendar.errors import NotACalendar
from meetings.calendar.file import MOST_EVENTS
from tests.meetings.calendar.files import EVENT, calendar, events_in, read, reasons, starts


def test_an_event_is_read() -> None:
    (event,) = events_in(calendar(f"{EVENT}DESCRIPTION:one\\ntwo\n"))
    assert (event.uid, event.occurrence, event.title) == ("weekly@example.com", "", "Weekly")
    assert event.starts_at == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert event.description == "one\ntwo"


@pytest.mark.parametrize(
    "start",
    [
        "DTSTART:20261201T100000Z",
        "DTSTART:2026-12-01T10:00:00Z",
        "DTSTART:20261201T1000Z",
        "DTSTART:20261201T110000+0100",
        "DTSTART;TZID=Europe/Berlin:20261201T100000Z",
        "DTSTART;TZID=Europe/Berlin;VALUE=DATE-TIME: 20261201T110000 ",
    ],
)
def test_a_time_may_be_written_in_several_ways(start: str) -> None:
    assert starts(calendar(f"UID:1\n{start}\n")) == ["2026-12-01 10:00"]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("UID:1\nSUMMARY:No date\n", "It has no date."),
        ("UID:1\nDTSTART:soon\n", "Its date cannot be read: soon."),
        ("UID:1\nDTSTART:20261301T000000Z\n", "There is no such date: 20261301T000000Z."),
        ("UID:1\nDTSTART:20261201T990000Z\n", "There is no such date: 20261201T990000Z."),
        ("UID:1\nDTSTART:00010101T000000Z\n", "Its date is in the year 1."),
        ("UID:1\nDTSTART:99991231T235959\n", "Its date is in the year 9999."),
    ],
)
def test_one_event_that_cannot_be_taken_is_left_out_and_the_others_are_taken(
    event: str, reason: str
) -> None:
    content = calendar(event, EVENT)
    assert reasons(content) == [reason]
    assert len(events_in(content)) == 1


def test_an_event_whose_end_is_missing_is_left_out() -> None:
    content = calendar(EVENT, "UID:2\nDTSTART:20261201\nBEGIN:VEVENT\nUID:3\nDTSTART:20261201\n")
    assert reasons(content) == ["The file breaks off in the middle of it."]
    assert [event.uid for event in events_in(content)] == ["weekly@example.com", "3"]


def test_events_without_an_id_are_known_by_their_content() -> None:
    content = calendar(
        "SUMMARY:First\nDTSTART:20261201T100000Z\nDTSTAMP:20261101T000000Z\n",
        "SUMMARY:Second\nDTSTART:20261201T100000Z\n",
    )
    again = content.replace(b"20261101T000000Z", b"20261102T000000Z")
    assert [event.uid for event in events_in(content)] == [event.uid for event in events_in(again)]
    assert len({event.uid for event in events_in(content)}) == 2


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("SEQUENCE:2\n", "SEQUENCE:1\n", "First"),
        ("SEQUENCE:1\n", "SEQUENCE:2\n", "Second"),
        ("DTSTAMP:20261102T000000Z\n", "DTSTAMP:20261101T000000Z\n", "First"),
        ("", "", "Second"),
        ("SEQUENCE:x\n", "SEQUENCE:" + "9" * 5000 + "\n", "Second"),
    ],
)
def test_of_two_events_with_one_id_the_newer_counts(first: str, second: str, kept: str) -> None:
    content = calendar(
        f"{EVENT.replace('Weekly', 'First')}{first}", f"{EVENT.replace('Weekly', 'Second')}{second}"
    )
    assert [event.title for event in events_in(content)] == [kept]
    assert "once more" in reasons(content)[0]


def test_a_long_id_is_shortened_and_stays_one() -> None:
    first, second = (EVENT.replace("weekly", "x" * 300 + end) for end in "ab")
    assert [len(event.uid) for event in events_in(calendar(first, second))] == [64, 64]


@pytest.mark.parametrize(
    ("event", "head"),
    [
        (f"{EVENT}STATUS:CANCELLED\n", ""),
        (EVENT, "METHOD:CANCEL\n"),
        ("UID:1\n", "METHOD:CANCEL\n"),
    ],
)
def test_what_is_cancelled_makes_nothing(event: str, head: str) -> None:
    (series,) = read(calendar(event, head=head)).series
    assert series.is_cancelled
    assert not series.events


def test_an_answer_to_an_invitation_is_no_event() -> None:
    assert "answer to an invitation" in reasons(calendar(EVENT, head="METHOD:REPLY\n"))[0]


def test_what_is_no_event_is_counted() -> None:
    tasks = "BEGIN:VTODO\nSUMMARY:Buy milk\nEND:VTODO\n" * 2
    remark = "Only events become meetings. Left out: tasks (VTODO), 2 in this file."
    assert read(calendar(EVENT, head=tasks)).remarks == [remark]
    with pytest.raises(NotACalendar, match=f"no event in this file. {re.escape(remark)}"):
        read(calendar(head=tasks))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no text", b"<html>", b"BEGIN:VTODO\n"])
def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(NotACalendar, match="not a calendar file"):
        read(content)


def test_an_event_outside_of_any_calendar_is_read() -> None:
    assert starts(f"BEGIN:VEVENT\n{EVENT}END:VEVENT\n".encode()) == ["2026-11-20 12:00"]


def test_too_many_events_are_refused() -> None:
    with pytest.raises(NotACalendar, match="2,001 events"):
        read(calendar(*["UID:1\n"] * (MOST_EVENTS + 1)))


LINES = (
    *("UID:1", "UID:2", "DTSTART:x", "DTSTART:20261120", "DTSTART;TZID=Nowhere/X:00010101T000000"),
    *("DTSTART:20261120T120000Z", "DTSTART;TZID=Z:99991231T235959"),
    *("DTSTART;TZID=Z:20261120T120000", "RRULE:FREQ=SECONDLY", "RRULE:FREQ=DAILY;COUNT=999999999"),
    *("RRULE:FREQ=YEARLY;UNTIL=99991231", "RRULE:FREQ=MONTHLY;BYDAY=5FR;BYSETPOS=-1;INTERVAL=999"),
    *("RRULE:;=;", "RDATE:20261120,x,/,", "EXDATE;TZID=Z:20261120T120000,99991231T000000Z"),
    *("RECURRENCE-ID:99999999T999999Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261120"),
    *("SEQUENCE:-1", "DTSTAMP:99991231T235959Z", 'ATTENDEE;CN="<a>":b', "ATTENDEE:mailto:a@b.c"),
    *("ORGANIZER;EMAIL=:mailto:@", "SUMMARY:\x00\x85"),
    *("DESCRIPTION:\\n\\,<br>&#9999999999;<a href=", "STATUS:CANCELLED", "METHOD:CANCEL", "TZID:Z"),
    *("TZOFFSETFROM:+0100", "TZOFFSETTO:-2359", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTIMEZONE"),
    *("END:VTIMEZONE", "BEGIN:STANDARD", "END:STANDARD", "BEGIN:VCALENDAR", "END:VCALENDAR"),
    'A;B="c',
)


@given(st.lists(st.sampled_from(LINES), max_size=40))
def test_no_file_makes_the_reader_fail_in_another_way(lines: list[str]) -> None:
    text = "\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR"])
    try:
        found = events_in(text.encode())
    except NotACalendar:
        return
    for event in found:
        assert event.title == event.title.strip()
        assert "\ufffd" not in event.title + event.description
        attendees_in(event.attendees)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail_in_another_way(content: bytes) -> None:
    try:
        read(b"BEGIN:VCALENDAR\n" + content)
    except NotACalendar:
        return
