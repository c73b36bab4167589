"""Executing an action: one pattern for all, two forms of answer, and the refusals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Json, Sandbox
from tests.connectivity.conftest import Connection

SEARCH = "/connectors/notion/actions/post-search/execute"


def refusal(sandbox: Sandbox, path: str, body: Any, **headers: str) -> tuple[int, Json]:
    response = sandbox.call("POST", path, body, headers=headers)
    answer = response.json()
    assert answer["message"] == answer["error"]["message"]
    assert answer["code"] == answer["error"]["code"]
    return response.status_code, answer


def test_the_documented_form_can_be_preferred(notion: Connection) -> None:
    notion.sandbox.control("PUT", "preferences", {"executeForm": "documented"})
    answer = notion.try_to("post-search", {"query": "started"}).json()
    assert set(answer) == {"success", "result"}
    assert answer["success"] is True
    assert answer["result"]["object"] == "list"
    notion.sandbox.control("POST", "reset")
    assert notion.sandbox.control("GET", "preferences")["executeForm"] == "live"


@pytest.mark.parametrize("name", ["additionalHeaders", "headers"])
def test_headers_come_under_either_name_and_other_keys_are_ignored(
    notion: Connection, name: str
) -> None:
    body = {
        "credentialId": notion.credential_id,
        "requestBody": {},
        name: {"Notion-Version": "2022-06-28"},
        "somethingElse": 1,
    }
    assert notion.sandbox.call("POST", SEARCH, body).status_code == 200


def test_a_credentials_id_has_24_hex_digits(sandbox: Sandbox) -> None:
    status, answer = refusal(sandbox, SEARCH, {"credentialId": "my-connection"})
    assert (status, answer["message"]) == (400, "credentialId must be a valid ID")
    assert answer["error"]["details"][0]["properties"] == ["credentialId"]


def test_a_credential_of_another_user_is_as_good_as_none(notion: Connection) -> None:
    other = notion.sandbox.new_user("other")
    body = {"credentialId": notion.credential_id}
    status, answer = refusal(notion.sandbox, SEARCH, body, **{"x-alloy-userid": other})
    assert (status, answer["message"]) == (400, "Credential not found")


def test_a_service_can_be_made_to_fail_in_its_own_words(notion: Connection) -> None:
    failure = {"status": 429, "times": 1, "retryAfter": 2}
    notion.sandbox.control("POST", "connectors/notion/failures", failure)
    response = notion.try_to("post-search", {})
    assert (response.status_code, response.headers["Retry-After"]) == (429, "2")
    error = response.json()["error"]
    assert error["code"] == "ACTION_FAILED"
    assert error["details"]["code"] == "rate_limited"
    assert notion.try_to("post-search", {}).status_code == 200


@pytest.mark.parametrize("connector", ["notion", "slack", "googleDrive", "hubspot", "shopify"])
@pytest.mark.parametrize("status", [429, 500, 503])
def test_every_service_has_words_for_its_failures(
    sandbox: Sandbox, connector: str, status: int
) -> None:
    sandbox.control("POST", f"connectors/{connector}/failures", {"status": status})
    path = f"/connectors/{connector}/actions/anything/execute"
    answered, answer = refusal(sandbox, path, {})
    assert answered == status
    assert answer["error"]["details"]


def test_a_dropped_answer_leaves_what_was_written(notion: Connection) -> None:
    fault = {"path": "/connectors/*/execute", "drop": "after", "times": 1}
    notion.sandbox.control("POST", "faults", fault)
    body = {"parent": {"workspace": True}, "properties": {"title": [{"text": {"content": "New"}}]}}
    with pytest.raises(OSError, match=r"."):
        notion.try_to("post-page", body)
    assert len(notion.do("post-search", {"query": "New"})["results"]) == 1


def test_executions_are_in_the_log(notion: Connection) -> None:
    notion.do("post-search", {"query": "weekly"})
    newest = notion.sandbox.control("GET", "requests")["data"][-1]
    assert (newest["path"], newest["status"]) == (SEARCH, 200)
    assert newest["body"]["requestBody"] == {"query": "weekly"}


NASTY: list[Any] = [
    {},
    {"parent": {"workspace": True}, "properties": {"title": {"title": {"text": None}}}},
    {"properties": {"title": None, "email": {}}, "children": [None], "filter": {"and": [{}]}},
    {"channel": "", "ts": "", "cursor": "9" * 5000, "after": "9" * 5000, "limit": {}},
    {"page_size": [], "filterGroups": [{"filters": [{}]}], "first": "many", "q": "'" * 50},
    {"name": "\x00", "content": "\u2028", "query": "%_\\", "parents": [""], "title": "x" * 100_000},
]


@pytest.mark.parametrize("connector", ["notion", "slack", "googleDrive", "hubspot", "shopify"])
def test_whatever_is_sent_no_action_breaks(sandbox: Sandbox, user_id: str, connector: str) -> None:
    made = sandbox.control(
        "POST", f"connections/{user_id}", {"connectorId": connector, "account": "Acme"}
    )
    names = ("page_id", "block_id", "database_id", "file_id", "contact_id")
    for action in sandbox.get(f"/connectors/{connector}/actions")["actions"]:
        for nasty in NASTY:
            call = {
                "credentialId": made["credentialId"],
                "requestBody": nasty,
                "queryParameters": nasty,
                "pathParams": dict.fromkeys(names, 9**40),
            }
            path = f"/connectors/{connector}/actions/{action['id']}/execute"
            response = sandbox.call("POST", path, call)
            assert response.status_code < 500, (action, nasty, response.text)
            assert response.json()
