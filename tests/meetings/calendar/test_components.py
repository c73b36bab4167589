from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.calendar.components import DEEPEST, MOST_LINES, Component, components_of, lines_of
from meetings.calendar.errors import NotACalendar


def event(*lines: str) -> Component:
    inside = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"]
    return components_of(inside).parts[0].parts[0]


def test_parameters_may_be_quoted_and_have_several_values() -> None:
    line = 'attendee;MEMBER="mailto:a;b","c";CN="Ada: ^\'the^\' first";X=1,2:mailto:ada@x.example'
    (attendee,) = event(line).all("ATTENDEE")
    assert attendee.value == "mailto:ada@x.example"
    assert attendee.parameters == {"MEMBER": "mailto:a;b", "CN": 'Ada: "the" first', "X": "1"}


@pytest.mark.parametrize("line", ['UID;X="a:b', "UID;:b", "UID; X=1:b", "UID;X:b", "UID;=;=:b"])
def test_a_broken_parameter_does_not_take_the_value(line: str) -> None:
    assert event(line).value("UID") == "b"


@pytest.mark.parametrize("line", ["UID", "UID;X=1", "", ":", "=", "X-OTHER:1", "ÜID:1"])
def test_a_line_that_says_nothing_is_passed_over(line: str) -> None:
    assert not event(line).value("UID")


def test_what_an_alarm_says_is_not_said_of_its_event() -> None:
    found = event("SUMMARY:Weekly", "BEGIN:VALARM", "SUMMARY:Ring", "END:VALARM", "UID:1")
    assert (found.value("SUMMARY"), found.value("UID")) == ("Weekly", "1")


def test_what_is_not_closed_is_incomplete() -> None:
    root = components_of(["BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:X", "END:VCALENDAR"])
    (calendar,) = root.parts
    assert calendar.is_complete
    assert not calendar.parts[0].is_complete


def test_nesting_without_measure_is_refused() -> None:
    with pytest.raises(NotACalendar, match="nested too deeply"):
        components_of(["BEGIN:X"] * (DEEPEST + 1))


@given(
    st.lists(st.sampled_from(["BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "END:X", "UID:1"]))
)
def test_every_component_is_found_once(lines: list[str]) -> None:
    try:
        todo, count = [components_of(lines)], 0
    except NotACalendar:
        return
    while todo:
        parts = todo.pop().parts
        todo += parts
        count += len(parts)
    assert count == sum(line.startswith("BEGIN") for line in lines)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x1b"), min_size=1), st.data())
def test_a_line_may_be_folded_at_any_byte(text: str, data: st.DataObject) -> None:
    line = b"SUMMARY:" + text.encode()
    at = data.draw(st.integers(1, len(line) - 1))
    fold = data.draw(st.sampled_from([b"\r\n ", b"\n ", b"\r\n\t", b"\r ", b"\r\r\n "]))
    assert lines_of(codecs.BOM_UTF8 + line[:at] + fold + line[at:]) == [f"SUMMARY:{text}"]


@pytest.mark.parametrize(
    "content",
    [
        "SUMMARY:Größe".encode("cp1252"),
        "SUMMARY:Встреча".encode("koi8_u"),
        "SUMMARY:会議".encode("cp932"),
        "SUMMARY:会議".encode("iso2022_jp"),
        *("BEGIN:VCALENDAR".encode(each) for each in ("utf-16", "utf-16-le", "utf-16-be")),
        b"SUMMARY;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Gr=F6=DFe",
        b"BEGIN:VCALENDAR\r\nVERSION:1.0",
    ],
)
def test_letters_are_never_guessed(content: bytes) -> None:
    with pytest.raises(NotACalendar, match="encoding"):
        lines_of(content)


def test_lines_are_counted_before_they_are_split() -> None:
    with pytest.raises(NotACalendar, match="too many lines"):
        lines_of(b"\n" * (MOST_LINES + 1))
    assert lines_of(b"SUMMARY:" + b"\r\n x" * 100_000) == ["SUMMARY:" + "x" * 100_000]
