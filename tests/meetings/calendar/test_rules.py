from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from meetings.calendar.rules import NotFollowed, Steps, days_of, rule_of

NINE = time(9)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def numbers(least: int, most: int, *, signed: bool = False) -> st.SearchStrategy[list[int]]:
    one = st.integers(least, most)
    if signed:
        one = one | st.integers(-most, -least)
    return st.lists(one, min_size=1, max_size=3)


def joined(found: list[int] | list[str]) -> str:
    return ",".join(str(each) for each in found)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules as calendars export them."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = {"FREQ": frequency, "INTERVAL": str(draw(st.integers(1, 4)))}
    names = {"BYDAY", "BYMONTH"} | ({"BYMONTHDAY"} if frequency != "WEEKLY" else set())
    chosen = draw(st.sets(st.sampled_from(sorted(names))))
    if "BYMONTH" in chosen:
        parts["BYMONTH"] = joined(draw(numbers(1, 12)))
    if "BYMONTHDAY" in chosen:
        parts["BYMONTHDAY"] = joined(draw(numbers(1, 31, signed=True)))
    if "BYDAY" in chosen:
        days = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=3))
        # Of days with and without a number, dateutil wants both to fit, and RFC 5545 either.
        has_number = frequency in ("MONTHLY", "YEARLY") and "BYMONTHDAY" not in chosen
        nth = ["1", "2", "-1"] if has_number and draw(st.booleans()) else [""]
        parts["BYDAY"] = joined([draw(st.sampled_from(nth)) + day for day in days])
    # In the week of the start, dateutil counts positions from the start, and we from Monday.
    if frequency in ("MONTHLY", "YEARLY") and chosen and draw(st.booleans()):
        parts["BYSETPOS"] = joined(draw(numbers(1, 3, signed=True)))
    if draw(st.booleans()):
        parts["COUNT"] = str(draw(st.integers(1, 20)))
    if frequency == "WEEKLY":
        parts["WKST"] = draw(st.sampled_from(DAYS))
    return ";".join(f"{name}={value}" for name, value in parts.items())


@given(rules(), st.dates(date(2020, 1, 1), date(2026, 12, 31)), st.integers(0, 800))
def test_a_rule_means_what_dateutil_says(text: str, earliest: date, days: int) -> None:
    plain = ";".join(part for part in text.split(";") if not part.startswith("COUNT"))
    origin = datetime.combine(earliest, datetime.min.time())
    first = next(iter(rrulestr(f"{plain};UNTIL=20400101T000000", dtstart=origin)), None)
    if first is None:
        return
    since = first + timedelta(days=days)
    until = since + timedelta(days=400)
    # The interval counts from the first date, for dateutil as for us.
    expected = rrulestr(text, dtstart=first)
    found = days_of(
        rule_of(text, NINE), first.date(), since=since.date(), until=until.date(), steps=Steps()
    )
    assert list(found) == [each.date() for each in expected.between(since, until, inc=True)], text


def test_the_time_of_the_start_may_be_named_and_spaces_are_passed_over() -> None:
    rule = rule_of("FREQ=WEEKLY; BYDAY=MO, TU;BYHOUR=9;BYMINUTE=0;BYSECOND=00", NINE)
    assert rule == rule_of("FREQ=WEEKLY;BYDAY=MO,TU", NINE)


def test_the_start_counts_also_where_the_rule_leaves_it_out() -> None:
    rule = rule_of("FREQ=WEEKLY;BYDAY=MO;COUNT=2", NINE)
    friday, later = date(2026, 11, 27), date(2027, 1, 1)
    found = days_of(rule, friday, since=friday, until=later, steps=Steps())
    assert list(found) == [friday, date(2026, 11, 30)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("FREQ=SECONDLY", "FREQ=SECONDLY"),
        ("FREQ=MINUTELY", "FREQ=MINUTELY"),
        ("FREQ=HOURLY", "FREQ=HOURLY"),
        ("FREQ=DAILY;BYHOUR=9,10", "BYHOUR"),
        ("FREQ=DAILY;BYHOUR=10", "BYHOUR"),
        ("FREQ=YEARLY;BYWEEKNO=1", "BYWEEKNO"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL=-1"),
        ("FREQ=DAILY;INTERVAL=99999999999999", "INTERVAL="),
        ("FREQ=DAILY;COUNT=0", "COUNT=0"),
        ("FREQ=DAILY;COUNT=" + "9" * 5000, "COUNT="),
        ("FREQ=DAILY;COUNT=٣", "COUNT="),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY=XX"),
        ("", "FREQ="),
    ],
)
def test_a_rule_that_is_not_followed_is_named(text: str, said: str) -> None:
    with pytest.raises(NotFollowed, match=said):
        rule_of(text, NINE)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;COUNT=999999999;BYSETPOS=366;BYDAY=MO",
        "FREQ=MONTHLY;INTERVAL=999;BYDAY=5MO",
    ],
)
def test_no_rule_asks_for_more_than_its_window_or_the_limit(text: str) -> None:
    steps, start = Steps(50_000), date(1900, 1, 1)
    since, until = date(2026, 11, 1), date(2027, 1, 31)
    found = days_of(rule_of(text, NINE), start, since=since, until=until, steps=steps)
    with suppress(NotFollowed):
        assert len(list(islice(found, 100))) <= 92
    assert steps.left >= -1


def test_a_rule_without_a_count_costs_the_same_however_long_ago_it_began() -> None:
    costs = []
    for year in (1900, 2025):
        steps, start = Steps(), date(year, 1, 1)
        since, until = date(2026, 11, 1), date(2027, 1, 31)
        list(days_of(rule_of("FREQ=DAILY", NINE), start, since=since, until=until, steps=steps))
        costs.append(steps.left)
    assert costs[0] == costs[1]


def test_work_beyond_the_limit_is_refused() -> None:
    rule, start = rule_of("FREQ=DAILY;COUNT=1000000000", NINE), date(1900, 1, 1)
    found = days_of(rule, start, since=start, until=date(2100, 1, 1), steps=Steps(1000))
    with pytest.raises(NotFollowed, match="too many dates"):
        list(found)
