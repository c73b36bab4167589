from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.attendees import Attendee, NotAnAttendee, attendees_in


@pytest.mark.parametrize(
    ("line", "name", "email"),
    [
        ("Ada Lovelace <ada@example.com>", "Ada Lovelace", "ada@example.com"),
        ('"Ada Lovelace" <Ada@Example.com>', "Ada Lovelace", "ada@example.com"),
        ("  ada@example.com  ", "", "ada@example.com"),
        ("<ada@example.com>", "", "ada@example.com"),
        ("Ada Lovelace", "Ada Lovelace", ""),
    ],
)
def test_a_line_is_a_name_an_address_or_both(line: str, name: str, email: str) -> None:
    assert attendees_in(line) == [Attendee(name, email)]


@pytest.mark.parametrize("line", ["ada@", "Ada <ada>", "a@b.c, d@e.f", "<>", "x" * 321])
def test_a_line_that_is_none_of_them_is_named(line: str) -> None:
    with pytest.raises(NotAnAttendee) as error:
        attendees_in(f"Ada\n{line}")
    assert str(error.value) == line[:320]


def test_everybody_is_there_once_and_empty_lines_are_nobody() -> None:
    assert len(attendees_in("Ada\n\n Ada \nada@example.com\n<ada@example.com>")) == 2


def test_a_name_has_a_first_and_a_last_part() -> None:
    person = Attendee("Grace Brewster Hopper", "")
    assert (person.first_name, person.last_name) == ("Grace", "Brewster Hopper")


@given(st.text())
def test_what_was_understood_is_understood_again_in_the_same_way(text: str) -> None:
    try:
        people = attendees_in(text)
    except NotAnAttendee:
        return
    assert attendees_in("\n".join(str(person) for person in people)) == people
