from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tzlocal.windows_tz import win_tz

from meetings.calendar.rules import Steps
from meetings.calendar.times import MOST_OBSERVANCES, Zones, known_zone
from tests.meetings.calendar.files import calendar, events_in, reasons, remarks, starts

LOCAL = datetime(2026, 7, 1, 12)


def zone(name: str, *observances: str) -> str:
    parts = "".join(f"BEGIN:STANDARD\n{each}END:STANDARD\n" for each in observances)
    return f"BEGIN:VTIMEZONE\nTZID:{name}\n{parts}END:VTIMEZONE\n"


def observance(before: str, after: str, *, start: str = "16010101T000000", more: str = "") -> str:
    return f"DTSTART:{start}\nTZOFFSETFROM:{before}\nTZOFFSETTO:{after}\n{more}"


LAST_SUNDAY = "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH="
BERLIN = zone(
    "Customized Time Zone",
    observance("+0200", "+0100", start="16010101T030000", more=f"{LAST_SUNDAY}10\n"),
    observance("+0100", "+0200", start="16010101T020000", more=f"{LAST_SUNDAY}3\n"),
)


def event_in(name: str, local: str = "20261201T100000") -> str:
    return f'UID:1\nDTSTART;TZID="{name}":{local}\n'


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("Europe/Berlin", 2),
        ("europe/berlin", 2),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", 2),
        ("/mozilla.org/20070129_1/America/Argentina/Buenos_Aires", -3),
        ("W. Europe Standard Time", 2),
        ("UTC", 0),
    ],
)
def test_a_zone_is_known_by_many_names(name: str, hours: int) -> None:
    found = known_zone(name)
    assert found is not None
    assert found(LOCAL) == LOCAL.replace(hour=12 - hours, tzinfo=UTC)


@pytest.mark.parametrize(
    "name",
    [
        "Nowhere/X",
        "localtime",
        "(GMT+10:00) Canberra, Melbourne, Sydney",
        "/etc/passwd",
        "../UTC",
        "+99:00",
        "Europe",
        "x/Berlin",
    ],
)
def test_a_name_that_nobody_knows_is_told(name: str) -> None:
    assert known_zone(name) is None
    assert f"not known here: {name}" in reasons(calendar(event_in(name)))[0]


def test_every_name_of_windows_leads_to_a_zone() -> None:
    for name in win_tz:
        assert known_zone(name), name


@given(st.text())
def test_no_name_fails_in_another_way(name: str) -> None:
    known_zone(name)


def test_a_time_without_a_zone_is_taken_in_the_sites_and_says_so() -> None:
    content = calendar("UID:1\nDTSTART:20261201T100000\n")
    assert starts(content) == ["2026-12-01 10:00"]
    assert remarks(content) == ["It names no time zone: its time is taken as UTC."]


@pytest.mark.parametrize("name", ["Asia/Tokyo", "America/Los_Angeles", "Nowhere"])
def test_a_day_is_that_day_whatever_zone_is_named_beside_it(name: str) -> None:
    content = calendar(f'UID:1\nDTSTART;VALUE=DATE;TZID="{name}":20261201\n')
    assert starts(content) == ["2026-12-01 00:00"]


def test_a_definition_counts_for_its_own_file_only() -> None:
    event, name = event_in("Tokyo Standard Time"), "Tokyo Standard Time"
    for offset, hour in (("-0800", 18), ("+0900", 1), ("-0800", 18)):
        content = calendar(event, head=zone(name, observance(offset, offset)))
        assert starts(content) == [f"2026-12-01 {hour:02}:00"]
    assert starts(calendar(event)) == ["2026-12-01 01:00"]


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_a_definition_means_what_the_zone_means_that_it_describes(local: datetime) -> None:
    local = local.replace(microsecond=0)
    (event,) = events_in(
        calendar(event_in("Customized Time Zone", f"{local:%Y%m%dT%H%M%S}"), head=BERLIN)
    )
    assert event.starts_at == local.replace(tzinfo=ZoneInfo("Europe/Berlin"))


def test_a_definition_may_list_its_dates_and_end() -> None:
    until = "RRULE:FREQ=YEARLY;BYMONTH=10;UNTIL=20261001T010000Z"
    head = zone(
        "X",
        observance("+0100", "+0100", start="20000101T000000"),
        observance("+0100", "+0200", start="20260301T020000", more="RDATE:20270301T020000\n"),
        observance("+0200", "+0100", start="20251001T030000", more=f"{until}\n"),
    )
    days = ("19991231", "20260401", "20261101", "20270401", "20271101")
    at_noon = [calendar(event_in("X", f"{day}T120000"), head=head) for day in days]
    found = [starts(content)[0][11:13] for content in at_noon]
    assert found == ["11", "10", "11", "10", "10"]


@pytest.mark.parametrize(
    "observances",
    [
        [observance("+0100", "+0200", more="RRULE:FREQ=SECONDLY\n")],
        [observance("+0100", "+0200", more="RRULE:FREQ=MINUTELY\n")],
        [observance("+0100", "+0200", more="RRULE:FREQ=DAILY\n")],
        [observance("+9900", "+0200")],
        [observance("x", "+0200")],
        [observance("+0100", "+0200", start="x")],
        [observance("+0100", "+0200", more="RDATE:" + "x," * 1000 + "\n")],
        [observance("+0100", "+0200")] * (MOST_OBSERVANCES + 1),
        [],
    ],
)
def test_a_definition_that_is_not_followed_is_told_unless_its_name_is_known(
    observances: list[str],
) -> None:
    head = zone("Busy Zone", *observances)
    (reason,) = reasons(calendar(event_in("Busy Zone"), head=head))
    assert "time zone is defined in a way that is not followed here: Busy Zone." in reason
    known = calendar(
        event_in("Tokyo Standard Time"), head=zone("Tokyo Standard Time", *observances)
    )
    assert starts(known) == ["2026-12-01 01:00"]


def test_zones_share_one_limit_of_work() -> None:
    every = observance("+0100", "+0200", more="RRULE:FREQ=YEARLY;COUNT=999999999;BYDAY=MO\n")
    heads = "".join(zone(f"Z{n}", *[every] * 20) for n in range(50))
    events = [f"UID:{n}\nDTSTART;TZID=Z{n}:20261201T100000\n" for n in range(50)]
    assert "too many dates" in reasons(calendar(*events, head=heads))[-1]


def test_nothing_outlives_the_file() -> None:
    from meetings.calendar import times

    before = times._names.cache_info().currsize, len(times._names())
    for n in range(20):
        head = zone(f"Z{n}", observance("+0100", "+0100"))
        assert starts(calendar(event_in(f"Z{n}"), head=head)) == ["2026-12-01 09:00"]
        assert reasons(calendar(event_in(f"Y{n}")))
    assert (times._names.cache_info().currsize, len(times._names())) == before
    assert Zones.__init__.__defaults__ is None
    assert Steps().left
