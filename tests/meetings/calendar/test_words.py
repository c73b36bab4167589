from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.attendees import attendees_in
from meetings.calendar.words import LONGEST_PEOPLE, MOST_PEOPLE
from tests.meetings.calendar.files import EVENT, calendar, events_in, remarks


def people(*lines: str) -> list[str]:
    (event,) = events_in(calendar(EVENT + "".join(f"{line}\n" for line in lines)))
    return event.attendees.split("\n") if event.attendees else []


def title(text: str) -> str:
    (event,) = events_in(calendar(f"{EVENT.replace('SUMMARY:Weekly', f'SUMMARY:{text}')}"))
    return event.title


def description(text: str) -> str:
    (event,) = events_in(calendar(f"{EVENT}DESCRIPTION:{text}\n"))
    return event.description


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("one\\ntwo\tthree", "one two three"),
        ("a\\, b\\; c\\\\d", "a, b; c\\d"),
        ("a\u00a0b\u3000c\u202fd", "a\u00a0b\u3000c\u202fd"),
        ("می\u200cروم 👨\u200d👩", "می\u200cروم 👨\u200d👩"),
        ("\x00a\x07b\x85c\u2028d", "ab c d"),
        ("lost \ufffd letter", "lost ? letter"),
        ("", "Untitled meeting"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_a_title_keeps_every_letter_and_is_one_line(text: str, kept: str) -> None:
    assert title(text) == kept


def test_the_organizer_is_one_of_the_people() -> None:
    found = people(
        "ORGANIZER;CN=Grace Hopper:mailto:grace@x.example",
        "ATTENDEE;CN=Ada:mailto:Ada@x.example",
        "ATTENDEE;CN=Grace:MAILTO:GRACE@x.example",
    )
    assert found == ["Grace Hopper <grace@x.example>", "Ada <ada@x.example>"]


@pytest.mark.parametrize(
    "line",
    [
        "ATTENDEE;CUTYPE=ROOM;CN=Room 1:mailto:room1@x.example",
        "ATTENDEE;CUTYPE=resource;CN=Beamer:mailto:beamer@x.example",
        "ATTENDEE;CN=Room 2:mailto:c_1@resource.calendar.google.com",
        "ATTENDEE:invalid:nomail",
        "ATTENDEE:",
        "ATTENDEE:mailto:" + "x" * 400 + "@x.example",
    ],
)
def test_rooms_things_and_nobody_are_no_people(line: str) -> None:
    assert people(line) == []


@pytest.mark.parametrize(
    ("line", "person"),
    [
        ('ATTENDEE;CN="Doe, Jane":urn:uuid:1', "Doe, Jane"),
        ("ATTENDEE;EMAIL=a@x.example;CN=Ada:/principals/ada", "Ada <a@x.example>"),
        ("ATTENDEE;CN=ada@x.example:mailto:ada@x.example", "ada@x.example"),
        ("ATTENDEE;CN=Ada <x>:mailto:ada@", "Ada x"),
        ("ATTENDEE;CN=Ada:MAILTO: ada@x.example", "Ada <ada@x.example>"),
    ],
)
def test_a_person_has_what_is_known_of_them(line: str, person: str) -> None:
    assert people(line) == [person]


def test_a_crowd_is_cut_to_what_the_form_takes_and_this_is_said() -> None:
    crowd = "".join(f"ATTENDEE;CN={'N' * 200}:mailto:{n}@x.example\n" for n in range(500))
    content = calendar(EVENT + crowd)
    (event,) = events_in(content)
    kept = event.attendees.split("\n")
    assert len(kept) <= MOST_PEOPLE
    assert len("\r\n".join(kept)) <= LONGEST_PEOPLE
    assert remarks(content) == [
        f"{500 - len(kept)} of its attendees are left out: a meeting takes no more here."
    ]


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("one\\ntwo<br>three<b>!</b>", "one\ntwo\nthree!"),
        (
            "<p>Dear all&amp;more</p><ul><li>one</li><li>two</li></ul>",
            "Dear all&more\n\n- one\n- two",
        ),
        ('<a class="x" href="https://m.example/1">Join</a>', "[Join](https://m.example/1)"),
        ("<a href='javascript:x'>no</a>", "no"),
        ("&amp;lt;p&amp;gt; <p>", "&lt;p&gt;"),
    ],
)
def test_a_description_of_html_is_read_as_text(html: str, words: str) -> None:
    assert description(html.replace(";", "\\;")) == words


@pytest.mark.parametrize("text", ["a < b > c", "if a<b and c>d", "<ada@example.com>", "1 <2"])
def test_what_only_looks_like_html_stays(text: str) -> None:
    assert description(text) == text


@given(st.text())
def test_what_is_imported_can_be_edited(text: str) -> None:
    quoted = text.replace('"', "")
    for person in attendees_in("\n".join(people(f'ATTENDEE;CN="{quoted}":mailto:a@x.example'))):
        assert attendees_in(str(person)) == [person]
