"""Lists read from a file, item by item."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.alloy import listing
from integrations.alloy.listing import NotAList, items

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SIMPLE = st.none() | st.booleans() | st.text() | NUMBERS
VALUES = st.recursive(SIMPLE, lambda it: st.lists(it) | st.dictionaries(st.text(), it))


def read(text: str | bytes) -> list[Any]:
    return list(items(io.BytesIO(text.encode() if isinstance(text, str) else text)))


@given(wanted=st.lists(VALUES, max_size=5), piece=st.integers(1, 7), indent=st.none() | st.just(1))
def test_what_is_read_in_pieces_is_what_was_written(
    wanted: list[Any], piece: int, indent: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "_PIECE", piece)
        assert read(json.dumps(wanted, indent=indent)) == wanted
        around = {"message": "ok", "count": len(wanted), "data": wanted}
        assert read(json.dumps(around, indent=indent, ensure_ascii=True)) == wanted


@given(wanted=st.lists(st.dictionaries(st.text(), SIMPLE), min_size=1), cut=st.integers(1, 99))
def test_a_list_that_is_cut_off_is_none(wanted: list[Any], cut: int) -> None:
    whole = json.dumps(wanted)
    with pytest.raises(NotAList):
        read(whole[: max(len(whole) - cut, 0)])


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "{}", "null", "[1 2]", "[1,]", "[,]", '{"data": {}}', '{"data": null}'),
        *("<html>", "[NaN]", "[-Infinity]", '{"a": 1}', "{1: 2}", '{"a" 1}', "[" * 100_000),
        *(b'["\xff"]', b'["\xc3"]', b"\xef\xbb\xbf[]"),
    ],
)
def test_what_is_no_list_is_refused(text: str | bytes) -> None:
    with pytest.raises(NotAList):
        read(text)


def test_an_item_without_end_is_given_up_before_it_fills_the_memory() -> None:
    endless = io.BytesIO(b'["' + b"x" * (4 * 1024 * 1024))
    with pytest.raises(NotAList):
        list(items(endless))
    assert endless.tell() < 2 * 1024 * 1024
