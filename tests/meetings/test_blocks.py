"""Notes as Notion's blocks: whatever they are, within Notion's limits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings.copies.notion.blocks import LONGEST_TEXT, MOST_TEXTS, blocks_of, mark_of
from meetings.models import Meeting
from tests.meetings.conftest import NOON

Block = dict[str, Any]


def blocks(notes: str) -> list[Block]:
    """Return the blocks of the notes alone."""
    return blocks_of(Meeting(title="Weekly", starts_at=NOON, notes=notes))[2:]


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


def test_a_link_that_notion_would_refuse_is_text() -> None:
    (block,) = blocks("[mail](mailto:ada@example.com) [here](/relative)")
    assert all("link" not in text["text"] for text in block["paragraph"]["rich_text"])


def test_lists_are_nested_once_and_deeper_ones_stand_beside() -> None:
    (top,) = blocks("- a\n  - b\n    - c")
    below = top["bulleted_list_item"]["children"]
    assert [words(block) for block in below] == ["b", "c"]
    assert "children" not in below[0]["bulleted_list_item"]


def test_a_long_text_is_cut_into_pieces() -> None:
    (block,) = blocks("x" * 4500)
    lengths = [len(text["text"]["content"]) for text in block["paragraph"]["rich_text"]]
    assert lengths == [2000, 2000, 500]


def test_the_mark_comes_first() -> None:
    meeting = Meeting(title="Weekly", starts_at=NOON)
    assert words(blocks_of(meeting)[0]) == mark_of(meeting)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(alphabet=st.sampled_from("ab *_`#->1.\n[]()h:/~!")))
def test_no_notes_make_a_block_that_notion_refuses(notes: str) -> None:
    for block in blocks(notes):
        check(block, depth=1)


def check(block: Block, *, depth: int) -> None:
    content = block[block["type"]]
    texts = content.get("rich_text", [])
    assert depth <= 2
    assert len(texts) <= MOST_TEXTS
    assert all(len(text["text"]["content"]) <= LONGEST_TEXT for text in texts)
    for child in content.get("children", []):
        check(child, depth=depth + 1)
