"""The content of Notion's pages: written, read, replaced."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alloy_sandbox.connectivity.service import Refusal
from alloy_sandbox.connectivity.services.notion.text import read_blocks
from tests.conftest import Json
from tests.connectivity.conftest import Connection
from tests.connectivity.test_notion_pages import new_page, paragraph, title


def words(found: Json) -> list[str]:
    return [
        "".join(piece["plain_text"] for piece in block[block["type"]]["rich_text"])
        for block in found["results"]
    ]


def children(notion: Connection, block_id: str, **query: Any) -> Json:
    found: Json = notion.do("get-block-children", path={"block_id": block_id}, query=query)
    return found


def append(notion: Connection, block_id: str, *blocks: Json, **more: Any) -> Json:
    body = {"children": list(blocks), **more}
    made: Json = notion.do("patch-block-children", body, path={"block_id": block_id})
    return made


@pytest.fixture
def page(notion: Connection) -> str:
    return str(new_page(notion, "Weekly", children=[paragraph("one")])["id"])


def test_the_content_given_at_creation_is_there(notion: Connection, page: str) -> None:
    found = children(notion, page)
    assert words(found) == ["one"]
    (block,) = found["results"]
    assert block["object"] == "block"
    assert block["parent"] == {"type": "page_id", "page_id": page}
    assert block["has_children"] is False


def test_blocks_are_appended_at_the_end_or_behind_another(notion: Connection, page: str) -> None:
    first = children(notion, page)["results"][0]["id"]
    append(notion, page, paragraph("three"))
    made = append(notion, page, paragraph("two"), after=first)
    assert words(made) == ["two"]
    assert words(children(notion, page)) == ["one", "two", "three"]


def test_appending_makes_the_page_the_last_edited(notion: Connection, page: str) -> None:
    new_page(notion, "Weekly of others")
    append(notion, page, paragraph("two"))
    found = notion.do("post-search", {"query": "weekly"})["results"]
    assert found[0]["id"] == page


def test_deleting_every_block_empties_the_page(notion: Connection, page: str) -> None:
    append(notion, page, paragraph("two"))
    for block in children(notion, page)["results"]:
        deleted = notion.do("delete-a-block", path={"block_id": block["id"]})
        assert deleted["archived"] is True
    assert children(notion, page)["results"] == []
    assert words(append(notion, page, paragraph("new"))) == ["new"]


def test_a_block_can_be_deleted_only_once(notion: Connection, page: str) -> None:
    where = {"block_id": children(notion, page)["results"][0]["id"]}
    notion.do("delete-a-block", path=where)
    status, error = notion.refused("delete-a-block", path=where)
    assert (status, error["code"]) == (400, "validation_error")


def test_a_page_is_a_block_and_is_deleted_like_one(notion: Connection, page: str) -> None:
    notion.do("delete-a-block", path={"block_id": page})
    assert notion.do("retrieve-a-page", path={"page_id": page})["archived"] is True


def test_a_page_below_a_page_is_among_its_blocks(notion: Connection, page: str) -> None:
    parent = {"page_id": page}
    lower = notion.do("post-page", {"parent": parent, "properties": title("Details")})
    block = children(notion, page)["results"][-1]
    assert (block["id"], block["type"]) == (lower["id"], "child_page")
    assert block["child_page"] == {"title": "Details"}
    assert block["has_children"] is False
    assert notion.do("retrieve-a-block", path={"block_id": page})["has_children"] is True


def test_nothing_is_appended_to_a_page_in_the_trash(notion: Connection, page: str) -> None:
    notion.do("patch-page", {"archived": True}, path={"page_id": page})
    body = {"children": [paragraph("two")]}
    status, error = notion.refused("patch-block-children", body, path={"block_id": page})
    assert (status, error["code"]) == (400, "validation_error")
    assert "archived" in error["message"]


def test_blocks_are_inside_of_blocks(notion: Connection, page: str) -> None:
    item = {
        "bulleted_list_item": {
            "rich_text": [{"text": {"content": "Decided"}}],
            "children": [paragraph("to ship")],
        }
    }
    made = append(notion, page, item)["results"][0]
    assert (made["type"], made["has_children"]) == ("bulleted_list_item", True)
    assert words(children(notion, made["id"])) == ["to ship"]
    assert words(children(notion, page)) == ["one", "Decided"]


def test_children_come_in_pages(notion: Connection, page: str) -> None:
    append(notion, page, *[paragraph(str(n)) for n in range(4)])
    first = children(notion, page, page_size=3)
    second = children(notion, page, page_size=3, start_cursor=first["next_cursor"])
    assert words(first) + words(second) == ["one", "0", "1", "2", "3"]
    assert second["next_cursor"] is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "paragraph", "rich_text", "text", "content", "children", "code"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.lists(st.dictionaries(st.sampled_from(["type", "paragraph", "code"]), json_values)))
def test_whatever_is_sent_as_blocks_is_read_or_refused(sent: list[Json]) -> None:
    try:
        read = read_blocks(sent)
    except Refusal:
        return
    assert len(read) == len(sent)
