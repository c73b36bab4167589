from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.calendar.encoding import _CODECS, CHOICES, MOST_LINES, lines_of
from meetings.calendar.errors import NotACalendar, UnknownEncoding


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1), st.data())
def test_a_line_may_be_folded_at_any_byte(text: str, data: st.DataObject) -> None:
    line = b"SUMMARY:" + text.encode()
    at = data.draw(st.integers(1, len(line) - 1))
    fold = data.draw(st.sampled_from([b"\r\n ", b"\n ", b"\r\n\t", b"\r "]))
    assert lines_of(line[:at] + fold + line[at:]) == [f"SUMMARY:{text}"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_of_wide_letters_or_with_a_mark_is_read(encoding: str) -> None:
    content = "BEGIN:VCALENDAR\r\nSUMMARY:Größe\r\n  山".encode(encoding)
    assert lines_of(content) == ["BEGIN:VCALENDAR", "SUMMARY:Größe 山"]


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("ISO-8859-1", "latin-1"), ("windows-1251", "cp1251"), ('"Shift_JIS"', "cp932")],
)
def test_a_line_may_name_its_encoding(charset: str, encoding: str) -> None:
    text = {"latin-1": "Größe", "cp1251": "Встреча", "cp932": "会議"}[encoding]
    line = f"SUMMARY;CHARSET={charset}:{text}".encode(encoding)
    assert lines_of(line)[0].endswith(f":{text}")


def test_an_escape_sequence_names_an_encoding_that_would_pass_for_another() -> None:
    content = "SUMMARY:会議 2\r\nLOCATION:x".encode("iso2022_jp")
    assert lines_of(content) == ["SUMMARY:会議 2", "LOCATION:x"]
    with pytest.raises(UnknownEncoding, match="not in the encoding UTF-8"):
        lines_of(b"SUMMARY:\x1b$B\xff")


def test_quoted_printable_lines_are_decoded_and_joined() -> None:
    line = b"SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Gr=F6=\r\n=DFe"
    assert lines_of(line)[0].endswith(":Größe")


@pytest.mark.parametrize("encoding", ["cp1252", "cp1251", "cp932", "gb18030", "cp949"])
def test_letters_are_never_guessed_but_read_as_the_merchant_says(encoding: str) -> None:
    content = "SUMMARY:Größe".encode("cp1252")
    if encoding != "cp1252":
        content = {"cp1251": "Встреча", "cp949": "회의"}.get(encoding, "会議").encode(encoding)
    with pytest.raises(UnknownEncoding, match="not in the encoding UTF-8"):
        lines_of(content)
    assert lines_of(content, codec=encoding) == [content.decode(encoding)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"SUMMARY;CHARSET=zlib:x", "cannot read: zlib"),
        (b"SUMMARY;CHARSET=punycode:x", "cannot read: punycode"),
        (b"SUMMARY;CHARSET=utf-7:x", "cannot read: utf-7"),
        (b"SUMMARY;CHARSET=UTF-8:\xff", "not in the encoding UTF-8"),
        (b"\xff\xfeB", "says it is UTF-16, and is not"),
    ],
)
def test_an_encoding_that_is_not_known_or_not_true_is_named(line: bytes, said: str) -> None:
    with pytest.raises(UnknownEncoding, match=said):
        lines_of(line)


def test_a_wrong_choice_is_named() -> None:
    with pytest.raises(UnknownEncoding, match="Japanese"):
        lines_of(b"SUMMARY:Gr\xf6\xdfe\xff", codec="euc_jp")


def test_every_encoding_is_one_that_python_knows() -> None:
    for codec in {*_CODECS.values(), *dict(CHOICES)}:
        codecs.lookup(codec)


def test_lines_are_counted_before_they_are_split() -> None:
    with pytest.raises(NotACalendar, match="too many lines"):
        lines_of(b"\n" * (MOST_LINES + 1))


def test_a_line_that_is_nothing_but_folds_is_one() -> None:
    assert lines_of(b"SUMMARY:" + b"\r\n x" * 100_000) == ["SUMMARY:" + "x" * 100_000]
