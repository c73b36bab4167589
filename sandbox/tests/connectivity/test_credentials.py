"""Credentials, with every trap on which people lost days."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Json, Sandbox
from tests.connectivity.conftest import BACK, Connection, connect, credentials


def create(sandbox: Sandbox, connector: str = "notion", **changes: Any) -> tuple[int, Json]:
    body = {"authenticationType": "oauth2", "redirectUri": BACK, **changes}
    response = sandbox.call("POST", f"/connectors/{connector}/credentials", body)
    return response.status_code, response.json()


def test_creating_one_answers_an_address_and_no_credential(sandbox: Sandbox, user_id: str) -> None:
    status, answer = create(sandbox, userId=user_id, connectorId="notion")
    assert status == 200
    assert set(answer) == {"oauthUrl"}
    start = (
        f"{sandbox.origin}/api/strategy/connector/notion/authorize?userId={user_id}&redirectUri="
    )
    assert answer["oauthUrl"].startswith(start)
    assert credentials(sandbox, user_id, "notion") == []


def test_an_app_of_ones_own_is_named(sandbox: Sandbox, user_id: str) -> None:
    status, answer = create(sandbox, "microsoftTeams", userId=user_id, authConfigId="1")
    assert (status, set(answer)) == (200, {"oauthUrl"})


def test_without_the_users_id_in_the_header_the_list_is_empty(notion: Connection) -> None:
    path = "/connectors/notion/credentials"
    assert notion.sandbox.get(path) == {"credentials": []}
    (found,) = credentials(notion.sandbox, notion.user_id, "notion")
    assert found["credentialId"] == notion.credential_id
    assert found["type"] == "notion-oauth2"
    assert found["connectorId"] is None


def test_the_newest_is_the_last(sandbox: Sandbox, user_id: str) -> None:
    names = ("Acme HQ", "Acme Europe", "Private notes")
    made = [connect(sandbox, user_id, "notion", name).credential_id for name in names]
    listed = [each["credentialId"] for each in credentials(sandbox, user_id, "notion")]
    assert listed == made


def test_a_user_has_one_list_of_all_connectors(sandbox: Sandbox, user_id: str) -> None:
    for connector, account in (("notion", "Acme HQ"), ("slack", "Acme")):
        connect(sandbox, user_id, connector, account)
    path = f"/users/{user_id}/credentials"
    found = sandbox.call("GET", path, headers={"x-api-version": "2025-09"}).json()["data"]
    assert [each["type"] for each in found] == ["notion-oauth2", "slack-oauth2"]
    assert {each["connectorId"] for each in found} == {None}
    (slack,) = sandbox.get(path, connectorId="slack")["data"]
    assert slack["type"] == "slack-oauth2"


def test_nobody_sees_the_credentials_of_another(notion: Connection) -> None:
    other = notion.sandbox.new_user("other")
    assert credentials(notion.sandbox, other, "notion") == []


@pytest.mark.parametrize("user_id", ["gregg", "", "123"])
def test_the_user_must_be_given_by_id_and_the_details_name_the_field(
    sandbox: Sandbox, user_id: str
) -> None:
    status, answer = create(sandbox, userId=user_id)
    assert (status, answer["code"]) == (400, "INVALID_INPUT")
    (detail,) = answer["error"]["details"]
    assert detail == {"message": "userId must be a valid ID", "properties": ["userId"]}


def test_a_connector_with_a_key_makes_the_credential_at_once(
    sandbox: Sandbox, user_id: str
) -> None:
    status, answer = create(
        sandbox,
        connector="klaviyo",
        userId=user_id,
        authenticationType="apiKey",
        data={"apiKey": "pk_secret-value"},
    )
    assert (status, set(answer)) == (200, {"credentialId"})
    (found,) = credentials(sandbox, user_id, "klaviyo")
    assert (found["credentialId"], found["type"]) == (answer["credentialId"], "klaviyo-apiKey")
    assert "secret-value" not in str(sandbox.control("GET", "requests"))
    assert "secret-value" not in str(found)


def test_a_deleted_credential_is_gone_and_its_account_is_not(notion: Connection) -> None:
    page = notion.do(
        "post-page",
        {"parent": {"workspace": True}, "properties": {"title": [{"text": {"content": "Kept"}}]}},
    )
    path = f"/connectors/notion/credentials/{notion.credential_id}"
    assert notion.sandbox.send("DELETE", path) == {"success": True}
    assert notion.sandbox.call("DELETE", path).status_code == 404
    assert credentials(notion.sandbox, notion.user_id, "notion") == []
    assert notion.try_to("post-search", {}).status_code == 400
    again = connect(notion.sandbox, notion.user_id, "notion", "Acme HQ")
    assert again.do("retrieve-a-page", path={"page_id": page["id"]}) == page


def test_nobody_deletes_the_credential_of_another(notion: Connection) -> None:
    other = notion.sandbox.new_user("other")
    path = f"/connectors/notion/credentials/{notion.credential_id}"
    response = notion.sandbox.call("DELETE", path, headers={"x-alloy-userid": other})
    assert response.status_code == 404
    assert len(credentials(notion.sandbox, notion.user_id, "notion")) == 1
