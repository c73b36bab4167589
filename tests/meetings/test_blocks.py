"""Notes as Notion's blocks: whatever they are, within Notion's limits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.copies.notion.blocks import (
    MOST_BLOCKS,
    MOST_PARENTS,
    MOST_TEXTS,
    Content,
    children_of,
    content_of,
    mark_of,
    walk,
)
from meetings.copies.notion.rich_text import LONGEST_TEXT
from meetings.models import Meeting
from tests.meetings.conftest import NOON

Block = dict[str, Any]


def content(notes: str) -> Content:
    return content_of(Meeting(title="Weekly", starts_at=NOON, notes=notes))


def blocks(notes: str) -> list[Block]:
    """Return the blocks of the notes alone."""
    return content(notes).blocks[2:]


def units(text: str) -> int:
    """Return a length as Notion counts it."""
    return len(text.encode("utf-16-le")) // 2


def all_words(notes: str) -> str:
    return "".join(words(block) for block in walk(blocks(notes)))


def words(block: Block) -> str:
    return "".join(text["text"]["content"] for text in block[block["type"]]["rich_text"])


@pytest.mark.parametrize(
    ("notes", "kinds"),
    [
        ("# a\n## b\n### c\n#### d", ["heading_1", "heading_2", "heading_3", "heading_3"]),
        ("- a\n- b", ["bulleted_list_item"] * 2),
        ("1. a\n2. b", ["numbered_list_item"] * 2),
        ("> a\n> b", ["quote"]),
        ("```\nx\n```", ["code"]),
        ("a\n\n---\n\nb", ["paragraph", "divider", "paragraph"]),
        ("", []),
    ],
)
def test_each_kind_of_markdown_has_its_block(notes: str, kinds: list[str]) -> None:
    assert [block["type"] for block in blocks(notes)] == kinds


def test_the_look_of_words_and_their_links_stay() -> None:
    (block,) = blocks("plain **bold _both_** `code` ~~gone~~ [link](https://example.com/)")
    texts = block["paragraph"]["rich_text"]
    looks = {text["text"]["content"]: list(text.get("annotations", {})) for text in texts}
    assert looks["bold "] == ["bold"]
    assert looks["both"] == ["bold", "italic"]
    assert looks["code"] == ["code"]
    assert looks["gone"] == ["strikethrough"]
    assert texts[-1]["text"] == {"content": "link", "link": {"url": "https://example.com/"}}


@pytest.mark.parametrize(
    ("notes", "shown"),
    [
        ("[mail](mailto:ada@example.com)", "mail (mailto:ada@example.com)"),
        ("<ada@example.com>", "ada@example.com"),
        ("[here](/relative)", "here (/relative)"),
        ("[x](https:///nowhere)", "x (https:///nowhere)"),
        ("[x](https://)", "x (https://)"),
        ("[x](https://a..b/)", "x (https://a..b/)"),
        ("[x](https://example.com:99999/)", "x (https://example.com:99999/)"),
        ("[x](ftp://example.com/)", "x (ftp://example.com/)"),
        ("[x](#part)", "x (#part)"),
        (f"[x](https://example.com/{'a' * 2000})", f"x (https://example.com/{'a' * 2000})"),
    ],
)
def test_a_link_that_notion_would_refuse_is_text(notes: str, shown: str) -> None:
    (block,) = blocks(notes)
    assert all("link" not in text["text"] for text in block["paragraph"]["rich_text"])
    assert words(block) == shown


def test_a_link_without_words_shows_where_it_leads() -> None:
    (block,) = blocks("[](https://example.com/)")
    (text,) = block["paragraph"]["rich_text"]
    assert text["text"]["content"] == text["text"]["link"]["url"] == "https://example.com/"


def test_lists_are_as_deep_as_they_were_written() -> None:
    (top,) = blocks("- a\n  - b\n    1. c\n\n       more")
    (below,) = children_of(top)
    (lowest,) = children_of(below)
    assert [words(each) for each in (top, below, lowest, *children_of(lowest))] == [
        *("a", "b", "c", "more")
    ]


def test_a_quote_holds_whatever_is_in_it() -> None:
    (quote,) = blocks("> said\n> twice\n>\n> - point\n>\n> ```\n> code\n> ```")
    assert words(quote) == "said\ntwice"
    assert [each["type"] for each in children_of(quote)] == ["bulleted_list_item", "code"]


def test_neighbours_of_one_look_are_one_text() -> None:
    (block,) = blocks("\n".join(f"line {number} \\* &amp;" for number in range(100)))
    assert len(block["paragraph"]["rich_text"]) == 1


def test_what_has_more_texts_than_a_block_takes_goes_on_in_the_next() -> None:
    found = blocks(" ".join(f"**k{n}** v{n}" for n in range(80)))
    assert [len(block["paragraph"]["rich_text"]) for block in found] == [100, 60]
    (point,) = blocks("- " + " ".join(f"**k{n}** v{n}" for n in range(80)))
    assert [words(each)[:4] for each in walk([point])] == ["k0 v", "k50 "]


@pytest.mark.parametrize(
    "notes", ["x" * 4500, "😀" * 1500, "a" + "😀" * 1500, "e\u0301" * 2500, "👩\u200d🚀" * 900]
)
def test_a_long_text_is_cut_by_notions_units_and_not_within_a_character(notes: str) -> None:
    (block,) = blocks(notes)
    pieces = [text["text"]["content"] for text in block["paragraph"]["rich_text"]]
    assert "".join(pieces) == notes
    assert all(units(piece) <= LONGEST_TEXT for piece in pieces)
    assert not any(piece[0] in "\u0301\u200d🚀" or piece[-1] == "\u200d" for piece in pieces)


def test_marks_without_end_are_cut_all_the_same() -> None:
    assert all_words("e" + "\u0301" * 5000) == "e" + "\u0301" * 5000


def test_many_points_with_sub_points_stand_beside_them_and_that_is_said() -> None:
    notes = "\n".join(f"- point {n}\n  - below {n}" for n in range(MOST_PARENTS + 1))
    found = content(notes)
    assert [words(block) for block in found.blocks[2:5]] == ["point 0", "below 0", "point 1"]
    assert not any(children_of(block) for block in found.blocks)
    assert "Sub-points" in found.left_out[0]


def test_what_would_be_too_many_blocks_is_copied_as_it_was_typed() -> None:
    notes = "\n".join(f"- point {n}" for n in range(MOST_BLOCKS + 1))
    found = content(notes)
    assert all_words(notes) == notes
    assert {block["type"] for block in found.blocks[2:]} == {"code"}
    assert "Markdown" in found.left_out[0]


def test_the_mark_comes_first() -> None:
    meeting = Meeting(title="Weekly", starts_at=NOON)
    assert words(content_of(meeting).blocks[0]) == mark_of(meeting)


@given(st.text(alphabet=st.sampled_from("ab *_`#->1.\n[]()h:/~!😀\u0301")))
def test_no_notes_make_a_block_that_notion_refuses(notes: str) -> None:
    for block in walk(blocks(notes)):
        texts = block[block["type"]].get("rich_text", [])
        assert len(texts) <= MOST_TEXTS
        assert all(0 < units(text["text"]["content"]) <= LONGEST_TEXT for text in texts)
