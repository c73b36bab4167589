"""The control calls: connect without a page, look into accounts, do what people do there."""

from __future__ import annotations

import pytest

from tests.conftest import Sandbox
from tests.connectivity.conftest import Connection, credentials
from tests.connectivity.test_notion_pages import new_page, paragraph


def test_an_account_is_connected_without_a_browser(sandbox: Sandbox, user_id: str) -> None:
    body = {"connectorId": "notion", "account": "Acme Europe"}
    made = sandbox.control("POST", "connections/gregg", body)
    assert sandbox.control("GET", f"connections/{user_id}") == {"data": [made]}
    assert (made["account"], made["type"]) == ("Acme Europe", "notion-oauth2")
    (listed,) = credentials(sandbox, user_id, "notion")
    assert listed["credentialId"] == made["credentialId"]


def test_a_connection_is_revoked(notion: Connection) -> None:
    path = f"connections/{notion.user_id}/{notion.credential_id}"
    assert notion.sandbox.control("DELETE", path)["deleted"] == 1
    assert notion.try_to("post-search", {}).json()["message"] == "Credential not found"


def test_pages_are_seen_with_their_text(notion: Connection) -> None:
    new_page(notion, "Weekly", children=[paragraph("We shipped."), paragraph("It worked.")])
    (account,) = notion.sandbox.control("GET", f"connections/{notion.user_id}/notion")["data"]
    assert account["account"] == "Acme HQ"
    pages = {each["title"]: each["text"] for each in account["pages"]}
    assert pages["Weekly"] == "We shipped.\nIt worked."


@pytest.mark.parametrize(
    ("connector", "kind"),
    [
        ("slack", "channels"),
        ("googleDrive", "files"),
        ("hubspot", "contacts"),
        ("shopify", "orders"),
    ],
)
def test_the_contents_of_every_service_are_seen(
    sandbox: Sandbox, user_id: str, connector: str, kind: str
) -> None:
    body = {"connectorId": connector, "account": "Acme"}
    sandbox.control("POST", f"connections/{user_id}", body)
    (account,) = sandbox.control("GET", f"connections/{user_id}/{connector}")["data"]
    assert account[kind]


def test_a_page_is_moved_to_the_trash_restored_and_deleted_by_hand(notion: Connection) -> None:
    page = new_page(notion, "Weekly")["id"]
    where = {"page_id": page}
    notion.sandbox.control("PUT", f"notion/pages/{page}", {"archived": True})
    assert notion.do("retrieve-a-page", path=where)["archived"] is True
    notion.sandbox.control("PUT", f"notion/pages/{page}", {"archived": False})
    assert notion.do("retrieve-a-page", path=where)["archived"] is False
    notion.sandbox.control("DELETE", f"notion/pages/{page}")
    assert notion.refused("retrieve-a-page", path=where)[0] == 404


def test_a_reset_forgets_every_account(notion: Connection) -> None:
    notion.sandbox.control("POST", "reset")
    assert notion.sandbox.new_user() != notion.user_id
    assert notion.sandbox.control("GET", "connections/gregg") == {"data": []}
