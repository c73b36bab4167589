"""What Alloy answers by its documents and clients, held against the sandbox and against Alloy."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import pytest

from alloy_sandbox.core import openapi
from tests.contract.conftest import Target

User = tuple[str, str]

READS = [
    "GET /users",
    "GET /users/{userId}",
    "GET /users/{userId}/token",
    "GET /users/{userId}/credentials",
    "GET /integrations?userId={userId}",
    "GET /workflows?userId={userId}",
    "GET /events",
    "GET /metadata/credentials",
    "GET /metadata/apps",
    "GET /installations",
    "GET /connectors",
    "GET /connectors/notion/resources",
    "GET /connectors/notion/credentials",
    "GET /connectors/notion/credentials/metadata",
]


def as_known(operation: str, answer: Any) -> None:
    """Fail unless the answer has the shape that is known of the operation."""
    known = openapi.known()[operation]
    jsonschema_rs.validate(openapi.schema_of(known["answer"]), answer)


@pytest.mark.parametrize("operation", READS)
def test_what_is_read_has_the_known_shape(target: Target, user: User, operation: str) -> None:
    method, path = operation.replace("{userId}", user[0]).split(" ")
    response = target.call(method, path, **{"x-alloy-userid": user[0]})
    assert response.status_code == 200
    as_known(operation.split("?")[0].replace("/notion", "/{connectorId}"), response.json())


def test_a_user_is_made_read_by_both_names_changed_and_deleted(target: Target, user: User) -> None:
    user_id, name = user
    assert re.fullmatch(r"[0-9a-f]{24}", user_id)
    for identifier in user:
        found = target.call("GET", f"/users/{identifier}").json()
        assert (found["userId"], found["username"]) == (user_id, name)
    changed = target.call("PUT", f"/users/{user_id}", {"fullName": "Contract Test"})
    assert changed.json()["userId"] == user_id
    assert target.call("DELETE", f"/users/{user_id}").json() == {"success": True}
    assert target.call("GET", f"/users/{user_id}").status_code == 404


def test_a_username_is_taken_once(target: Target, user: User) -> None:
    refused = target.call("POST", "/users", {"username": user[1]})
    assert 400 <= refused.status_code < 500
    assert "userId" not in refused.json()
    assert isinstance(refused.json()["message"], str)


def test_a_batch_says_what_it_did_not_take(target: Target, user: User) -> None:
    body = {"users": [{"fullName": "No name"}, {"username": user[1]}]}
    refused = target.call("POST", "/users/batch", body)
    assert refused.status_code == 400
    assert isinstance(refused.json()["message"], str)


def test_without_a_key_nothing_is_answered(target: Target) -> None:
    target.key = "no-key-at-all"
    assert target.call("GET", "/users").status_code == 401


def test_where_a_user_allows_access_is_an_address(target: Target, user: User) -> None:
    body = {"userId": user[0], "authenticationType": "oauth2", "redirectUri": "https://a.example/"}
    answer = target.call("POST", "/connectors/notion/credentials", body).json()
    as_known("POST /connectors/{connectorId}/credentials", answer)
    assert "/api/strategy/connector/notion/authorize?" in answer["oauthUrl"]


def test_an_unknown_connector_has_a_code_and_a_message(target: Target) -> None:
    refused = target.call("GET", "/connectors/there-is-none/resources")
    assert refused.status_code == 404
    body = refused.json()
    assert body.get("code") or body["error"]["code"]
