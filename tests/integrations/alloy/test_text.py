"""Control characters go, letters and the spaces between words stay."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.alloy.text import clean_text


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("Anna\tLena\nMuster\r\n", "Anna Lena Muster"),
        ("Réunion\u00a0: 山田\u3000太郎", "Réunion\u00a0: 山田\u3000太郎"),
        ("می\u200cروم 👨\u200d👩\u200d👧", "می\u200cروم 👨\u200d👩\u200d👧"),
        ("Tü\u00adr 🏴\U000e0067\U000e0062\U000e007f ❤\ufe0f", None),
        ("a\x00b\x1b[31mc\x7f\x85d", "ab[31mc d"),
        ("Ina \ud83d", "Ina"),
        ("\ude00Ina", "Ina"),
        ("safe\u202etxt.exe", "safetxt.exe"),
    ],
)
def test_words_keep_their_letters_and_stay_apart(given_: str, kept: str | None) -> None:
    assert clean_text(given_) == (kept or given_)


def test_lines_are_kept_on_request() -> None:
    assert clean_text("a\tb \r\nc\x00\n\n d\u2028", lines=True) == "a b\nc\n\n d"


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_can_be_stored_and_loses_nothing_that_is_seen(text: str) -> None:
    shown = clean_text(text)
    assert shown.encode().decode() == shown
    assert not [sign for sign in shown if unicodedata.category(sign) in ("Cc", "Cs")]
    seen = [sign for sign in text if unicodedata.category(sign)[0] in "LMNPS"]
    assert [sign for sign in shown if unicodedata.category(sign)[0] in "LMNPS"] == seen
