"""Databases in Notion: rows with properties, filtered and sorted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Json
from tests.connectivity.conftest import Connection


@pytest.fixture
def database(notion: Connection) -> str:
    """Return the id of the workspace's database of meetings, found as an app finds it."""
    only = {"property": "object", "value": "database"}
    (found,) = notion.do("post-search", {"query": "meetings", "filter": only})["results"]
    return str(found["id"])


def add(notion: Connection, database: str, name: str, day: str, who: str = "") -> Json:
    body = {
        "parent": {"database_id": database},
        "properties": {
            "Name": {"title": [{"text": {"content": name}}]},
            "Date": {"date": {"start": day}},
            "Attendees": {"rich_text": [{"text": {"content": who}}]},
        },
    }
    row: Json = notion.do("post-page", body)
    return row


def query(notion: Connection, database: str, **body: Any) -> list[str]:
    rows = notion.do("post-database-query", body, path={"database_id": database})["results"]
    return [row["properties"]["Name"]["title"][0]["plain_text"] for row in rows]


def test_a_database_says_what_its_rows_have(notion: Connection, database: str) -> None:
    found = notion.do("retrieve-a-database", path={"database_id": database})
    kinds = {name: each["type"] for name, each in found["properties"].items()}
    assert kinds == {"Name": "title", "Date": "date", "Attendees": "rich_text"}


def test_a_row_is_a_page_with_the_databases_properties(notion: Connection, database: str) -> None:
    row = add(notion, database, "Weekly", "2026-11-20", "Mia")
    assert row["parent"] == {"type": "database_id", "database_id": database}
    assert row["properties"]["Date"]["date"]["start"] == "2026-11-20"
    assert notion.do("post-search", {"query": "weekly"})["results"] == [row]


def test_rows_are_filtered_and_sorted(notion: Connection, database: str) -> None:
    add(notion, database, "Weekly", "2026-11-20", "Mia, Bo")
    add(notion, database, "Monthly", "2026-11-02", "Mia")
    add(notion, database, "Yearly", "2025-12-01", "Bo")
    this_year = {"property": "Date", "date": {"on_or_after": "2026-01-01"}}
    with_bo = {"property": "Attendees", "rich_text": {"contains": "bo"}}
    by_date = [{"property": "Date", "direction": "ascending"}]
    assert query(notion, database) == ["Yearly", "Monthly", "Weekly"]
    assert query(notion, database, sorts=by_date) == ["Yearly", "Monthly", "Weekly"]
    assert query(notion, database, filter=this_year, sorts=by_date) == ["Monthly", "Weekly"]
    assert query(notion, database, filter={"and": [this_year, with_bo]}) == ["Weekly"]
    assert query(notion, database, filter={"or": [this_year, with_bo]}, page_size=2) == [
        "Yearly",
        "Monthly",
    ]
