"""Pages in Notion: what an app does to keep one in step with its own notes."""

from __future__ import annotations

from typing import Any

from tests.conftest import Json
from tests.connectivity.conftest import Connection

IN_WORKSPACE = {"type": "workspace", "workspace": True}


def title(words: str) -> Json:
    return {"title": {"type": "title", "title": [{"type": "text", "text": {"content": words}}]}}


def paragraph(words: str) -> Json:
    return {
        "object": "block",
        "type": "paragraph",
        "paragraph": {"rich_text": [{"type": "text", "text": {"content": words}}]},
    }


def new_page(notion: Connection, words: str, **more: Any) -> Json:
    page: Json = notion.do(
        "post-page", {"parent": IN_WORKSPACE, "properties": title(words), **more}
    )
    return page


def titles(found: Json) -> list[str]:
    return [each["properties"]["title"]["title"][0]["plain_text"] for each in found["results"]]


def search(notion: Connection, words: str) -> list[str]:
    only_pages = {"property": "object", "value": "page"}
    return titles(notion.do("post-search", {"query": words, "filter": only_pages}))


def test_a_page_is_created_and_retrieved(notion: Connection) -> None:
    page = new_page(notion, "Weekly")
    assert page["object"] == "page"
    assert page["parent"] == IN_WORKSPACE
    assert page["url"].startswith(notion.sandbox.origin)
    assert page["archived"] is False
    assert notion.do("retrieve-a-page", path={"page_id": page["id"]}) == page


def test_a_page_is_found_by_a_part_of_its_title(notion: Connection) -> None:
    new_page(notion, "Weekly review")
    new_page(notion, "Weekly")
    assert search(notion, "weekly") == ["Weekly", "Weekly review"]
    assert search(notion, "Monthly") == []


def test_the_same_title_twice_makes_two_pages(notion: Connection) -> None:
    assert new_page(notion, "Weekly")["id"] != new_page(notion, "Weekly")["id"]
    assert search(notion, "Weekly") == ["Weekly", "Weekly"]


def test_a_page_gets_another_title(notion: Connection) -> None:
    page = new_page(notion, "Weekly")
    changes = {"properties": title("Weekly review")}
    changed = notion.do("patch-page", changes, path={"page_id": page["id"]})
    assert changed["id"] == page["id"]
    assert changed["last_edited_time"] >= page["last_edited_time"]
    assert search(notion, "review") == ["Weekly review"]


def test_a_page_in_the_trash_is_answered_but_neither_found_nor_changed(notion: Connection) -> None:
    where = {"page_id": new_page(notion, "Weekly")["id"]}
    assert notion.do("patch-page", {"archived": True}, path=where)["archived"] is True
    assert notion.do("retrieve-a-page", path=where)["in_trash"] is True
    assert search(notion, "Weekly") == []
    status, error = notion.refused("patch-page", {"properties": title("Again")}, path=where)
    assert (status, error["code"]) == (400, "validation_error")
    assert "archived" in error["message"]
    restored = notion.do("patch-page", {"archived": False, "properties": title("Back")}, path=where)
    assert restored["archived"] is False
    assert search(notion, "Back") == ["Back"]


def test_an_id_may_be_written_without_dashes(notion: Connection) -> None:
    page = new_page(notion, "Weekly")
    without = page["id"].replace("-", "")
    assert notion.do("retrieve-a-page", path={"page_id": without}) == page


def test_a_page_below_another_page(notion: Connection) -> None:
    upper = new_page(notion, "Meetings of 2026")
    parent = {"type": "page_id", "page_id": upper["id"]}
    lower = notion.do("post-page", {"parent": parent, "properties": title("Weekly")})
    assert lower["parent"] == parent


def test_search_comes_in_pages(notion: Connection) -> None:
    for n in range(5):
        new_page(notion, f"Weekly {n}")
    first = notion.do("post-search", {"query": "weekly", "page_size": 3})
    assert first["has_more"] is True
    more = {"query": "weekly", "page_size": 3, "start_cursor": first["next_cursor"]}
    second = notion.do("post-search", more)
    assert second["has_more"] is False
    assert titles(first) + titles(second) == [f"Weekly {n}" for n in (4, 3, 2, 1, 0)]
