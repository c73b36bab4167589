from __future__ import annotations

import pytest

from tests.meetings.calendar.files import EVENT, calendar, events_in, read, reasons, remarks, starts

MONDAYS = "UID:m\nSUMMARY:Mondays\nDTSTART;TZID=Europe/Berlin:20261102T100000\n"
AHEAD = ["2026-11-30", "2026-12-07", "2026-12-14", "2026-12-21", "2026-12-28", "2027-01-04"]
TAKEN = ["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23", *AHEAD, "2027-01-11", "2027-01-18"]


def at_nine(*days: str) -> list[str]:
    return [f"{day} 09:00" for day in days]


def test_a_series_has_its_dates_of_the_past_and_next_weeks() -> None:
    content = calendar(f"{MONDAYS}RRULE:FREQ=WEEKLY\n")
    assert starts(content) == at_nine(*TAKEN)
    assert "It repeats: its dates from 31 October 2026 to 23 January 2027 are taken." in remarks(
        content
    )


def test_a_series_keeps_its_local_time_when_the_clocks_change() -> None:
    content = calendar(
        "UID:m\nDTSTART;TZID=Europe/Berlin:20270315T100000\nRRULE:FREQ=WEEKLY;COUNT=3\n"
    )
    assert starts(content) == ["2027-03-15 09:00", "2027-03-22 09:00", "2027-03-29 08:00"]


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        ("RRULE:FREQ=WEEKLY;COUNT=6\n", TAKEN[:6]),
        ("RRULE:FREQ=WEEKLY;UNTIL=20261130T090000Z\n", TAKEN[:5]),
        ("RRULE:FREQ=WEEKLY;UNTIL=20261130\n", TAKEN[:5]),
        ("RRULE:FREQ=WEEKLY;UNTIL=99991231T235959Z;COUNT=3\n", TAKEN[:3]),
        ("RRULE:FREQ=WEEKLY;UNTIL=00010101T000000\n", TAKEN[:1]),
        (
            "RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;TZID=Europe/Berlin:20261109T100000\n",
            [TAKEN[0], TAKEN[2]],
        ),
        ("RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE:20261109T090000Z,20261116T090000Z\n", TAKEN[:1]),
        ("RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20261109\n", [TAKEN[0], TAKEN[2]]),
        ("RRULE:FREQ=WEEKLY;COUNT=2\n" * 2, TAKEN[:2]),
        ("RRULE:FREQ=WEEKLY;COUNT=2\nRRULE:FREQ=DAILY;COUNT=2\n", [*TAKEN[:2], "2026-11-03"]),
        ("RRULE:\n", TAKEN[:1]),
        ("RDATE;TZID=Europe/Berlin:20261203T100000\n", [TAKEN[0], "2026-12-03"]),
        ("RDATE;VALUE=PERIOD:20261203T090000Z/PT1H\n", [TAKEN[0], "2026-12-03"]),
    ],
)
def test_a_series_has_the_dates_it_says(lines: str, days: list[str]) -> None:
    assert starts(calendar(MONDAYS + lines)) == at_nine(*days)


def test_an_occurrence_that_was_moved_takes_the_place_of_its_date() -> None:
    moved = (
        "UID:m\nSUMMARY:Moved\nRECURRENCE-ID;TZID=Europe/Berlin:20261109T100000\n"
        "DTSTART;TZID=Europe/Berlin:20261110T150000\n"
    )
    found = events_in(calendar(f"{MONDAYS}RRULE:FREQ=WEEKLY;COUNT=3\n", moved))
    assert [event.title for event in found] == ["Mondays", "Moved", "Mondays"]
    assert [event.occurrence for event in found] == [
        "20261102T090000Z",
        "20261109T090000Z",
        "20261116T090000Z",
    ]
    assert found[1].starts_at.hour == 14


def test_an_occurrence_alone_has_the_same_id_in_any_zone() -> None:
    keys = {
        events_in(calendar(f"UID:m\nRECURRENCE-ID{line}\nDTSTART:20261110T090000Z\n"))[0].occurrence
        for line in (":20261109T090000Z", ";TZID=Europe/Berlin:20261109T100000")
    }
    assert keys == {"20261109T090000Z"}


def test_days_repeat_as_days() -> None:
    content = calendar(
        "UID:d\nDTSTART;VALUE=DATE:20261201\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261202T000000Z\n"
    )
    assert [event.occurrence for event in events_in(content)] == ["20261201", "20261203"]
    assert "It takes all day: here it begins at midnight." in remarks(content)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=HOURLY;COUNT=1000000000",
        "FREQ=DAILY;INTERVAL=0",
        "x",
    ],
)
def test_of_a_rule_that_is_not_followed_the_first_date_is_taken_and_this_is_said(rule: str) -> None:
    content = calendar(f"{MONDAYS}RRULE:{rule}\n")
    assert starts(content) == at_nine(TAKEN[0])
    assert "not followed here" in remarks(content)[0]
    assert read(content).series[0].complete_since is None


def test_dates_that_cannot_be_read_are_said() -> None:
    content = calendar(
        f"{MONDAYS}RRULE:FREQ=WEEKLY;COUNT=2\nRDATE:x\nEXDATE;TZID=Nowhere:20261109T100000\n"
    )
    assert starts(content) == at_nine(*TAKEN[:2])
    assert "Not all of its extra dates can be read" in " ".join(remarks(content))
    assert "Not all of its dates that are taken out can be read" in " ".join(remarks(content))


def test_a_series_that_is_over_says_so() -> None:
    content = calendar("UID:m\nDTSTART:20200101T100000Z\nRRULE:FREQ=DAILY;COUNT=5\n")
    assert reasons(content) == [
        "It repeats, and has no date from 31 October 2026 to 23 January 2027."
    ]


def test_a_series_that_begins_later_has_its_first_weeks() -> None:
    content = calendar("UID:m\nDTSTART:20300101T100000Z\nRRULE:FREQ=WEEKLY\n")
    assert len(starts(content)) == 9


def test_a_series_without_end_is_bounded() -> None:
    content = calendar(
        *[f"UID:{n}\nDTSTART:20261101T100000Z\nRRULE:FREQ=DAILY\n" for n in range(200)]
    )
    file = read(content)
    assert sum(len(series.events) for series in file.series) == 300
    assert "the furthest from today, are left out: 300 are taken" in file.remarks[0]
    assert min(start for start in starts(content)) == "2026-11-28 10:00"


def test_what_changes_all_later_dates_is_said_to_change_one() -> None:
    lines = EVENT.replace("DTSTART", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261120T120000Z\nDTSTART")
    assert remarks(calendar(lines)) == [
        "The change is meant for later dates too, and is made to this one only."
    ]
