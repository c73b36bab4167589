"""Google Drive: files of text, found by a query."""

from __future__ import annotations

import pytest

from tests.conftest import Sandbox
from tests.connectivity.conftest import Connection, connect


@pytest.fixture
def drive(sandbox: Sandbox, user_id: str) -> Connection:
    return connect(sandbox, user_id, "googleDrive", "office@acme.example")


def names(drive: Connection, query: str) -> list[str]:
    return [each["name"] for each in drive.do("listFiles", query={"q": query})["files"]]


def test_a_file_is_created_read_and_changed(drive: Connection) -> None:
    made = drive.do(
        "createFile", {"name": "Weekly.md", "mimeType": "text/markdown", "content": "1"}
    )
    where = {"file_id": made["id"]}
    assert drive.do("getFile", path=where) == made
    assert "content" not in made
    changed = drive.do("updateFile", {"content": "two ✓"}, path=where)
    assert (changed["id"], changed["version"], changed["size"]) == (made["id"], "2", "7")
    assert changed["mimeType"] == "text/markdown"
    assert drive.do("downloadFile", path=where)["content"] == "two ✓"


def test_the_same_name_twice_makes_two_files(drive: Connection) -> None:
    for _ in range(2):
        drive.do("createFile", {"name": "Weekly.md"})
    assert names(drive, "name = 'Weekly.md'") == ["Weekly.md", "Weekly.md"]


def test_a_file_is_found_by_name_kind_folder_and_trash(drive: Connection) -> None:
    (folder,) = drive.do(
        "listFiles", query={"q": "mimeType = 'application/vnd.google-apps.folder'"}
    )["files"]
    made = drive.do("createFile", {"name": "Mia's and Bo's notes.md", "parents": [folder["id"]]})
    assert names(drive, "name = 'Mia\\'s and Bo\\'s notes.md'") == [made["name"]]
    assert made["name"] in names(drive, f"name contains 'notes' and '{folder['id']}' in parents")
    drive.do("updateFile", {"trashed": True}, path={"file_id": made["id"]})
    assert made["name"] not in names(drive, "trashed = false")
    assert names(drive, "trashed = true") == [made["name"]]


def test_files_come_in_pages(drive: Connection) -> None:
    first = drive.do("listFiles", query={"pageSize": 1})
    second = drive.do("listFiles", query={"pageSize": 1, "pageToken": first["nextPageToken"]})
    assert first["files"] != second["files"]
    assert "nextPageToken" not in second


def test_a_deleted_file_is_not_found(drive: Connection) -> None:
    where = {"file_id": drive.do("createFile", {"name": "Weekly.md"})["id"]}
    assert drive.do("deleteFile", path=where) == {}
    status, error = drive.refused("getFile", path=where)
    assert status == error["error"]["code"] == 404
    assert error["error"]["errors"][0]["reason"] == "notFound"
