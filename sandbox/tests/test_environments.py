"""Keys: how they may be written, and that each environment has its own users."""

from __future__ import annotations

from urllib.parse import quote

import pytest
import requests

from tests.conftest import ORDER_CREATED, STATUS_UPDATE, Sandbox

PRODUCTION = "sandbox_prod_key"


@pytest.mark.parametrize("key", ["sandbox_x", "bearer sandbox_x", "BEARER  sandbox_x"])
def test_a_key_is_taken_with_or_without_its_scheme(sandbox: Sandbox, key: str) -> None:
    response = requests.get(f"{sandbox.origin}/users", headers={"Authorization": key}, timeout=20)
    assert response.status_code == 200


@pytest.mark.parametrize(
    "key", ["", "bearer", "sandbox_", "basic sandbox_x", "sandbox_x y", "bearer live_key"]
)
def test_anything_else_is_none(sandbox: Sandbox, key: str) -> None:
    response = requests.get(f"{sandbox.origin}/users", headers={"Authorization": key}, timeout=20)
    assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"})


def test_development_and_production_have_users_of_their_own(sandbox: Sandbox) -> None:
    here = sandbox.new_user("mia")
    made = sandbox.call("POST", "/users", {"username": "mia"}, key=PRODUCTION)
    there = made.json()["userId"]
    assert there != here
    for key, user_id, other in (("sandbox_dev_a", here, there), (PRODUCTION, there, here)):
        listed = sandbox.call("GET", "/users", key=key).json()["data"]
        assert [each["userId"] for each in listed] == [user_id]
        assert sandbox.call("GET", "/users/mia", key=key).json()["userId"] == user_id
        assert sandbox.call("GET", f"/users/{other}", key=key).status_code == 404
        path = f"/integrations?userId={other}"
        assert sandbox.call("GET", path, key=key).status_code == 404


def test_lists_of_the_account_are_of_the_keys_environment(sandbox: Sandbox) -> None:
    user_id = sandbox.new_user()
    sandbox.install(user_id)
    sandbox.run(user_id, "100", "FULFILLED")
    for path in ("/installations", f"/workflows/{STATUS_UPDATE}/logs"):
        assert len(sandbox.get(path)["data"]) == 1
        assert sandbox.call("GET", path, key=PRODUCTION).json()["data"] == []
    path = f"/workflows/{ORDER_CREATED}/users"
    assert sandbox.call("GET", path, key=PRODUCTION).status_code == 404


@pytest.mark.parametrize("username", ["shop/17", "a b/ö", "100%", "a/../b"])
def test_a_username_with_a_slash_is_found(sandbox: Sandbox, username: str) -> None:
    user_id = sandbox.new_user(username)
    path = f"/users/{quote(username, safe='')}"
    assert sandbox.get(path)["userId"] == user_id
    assert sandbox.get(f"{path}/token")["token"]
    assert sandbox.control("GET", "requests?limit=1")["data"][0]["path"].startswith("/users/")


def test_a_path_that_is_far_too_long_is_answered_in_json(sandbox: Sandbox) -> None:
    for length in (9_000, 70_000):
        response = sandbox.call("GET", "/users/" + "a" * length)
        assert response.status_code in (404, 414)
        assert isinstance(response.json()["message"], str)


def test_one_workflow_says_which_version_is_installed_also_when_none_is(
    sandbox: Sandbox, user_id: str
) -> None:
    assert sandbox.workflow(user_id)["installedVersion"] is None
    (listed, _) = sandbox.get("/workflows", userId=user_id)["data"][:2]
    assert "installedVersion" not in listed


def test_the_accounts_logs_can_be_filtered(sandbox: Sandbox, user_id: str) -> None:
    sandbox.install(user_id)
    sandbox.run(user_id, "100", "FULFILLED")

    def found(field: str, value: str) -> int:
        filters = f'[{{"field":"{field}","value":"{value}"}}]'
        total: int = sandbox.get("/logs", filters=filters)["pagination"]["totalItems"]
        return total

    assert found("workflowId", STATUS_UPDATE) == 1
    assert found("workflowId", ORDER_CREATED) == 0
    assert found("userId", user_id) == 1
    assert found("message", "executionSuccess") == 0
    assert found("message", "executionError") == 1
    assert sandbox.call("GET", "/logs", params={"filters": "x"}).status_code == 400


def test_a_credential_is_read_by_its_id(sandbox: Sandbox, user_id: str) -> None:
    sandbox.install(user_id)
    (listed,) = sandbox.get(f"/users/{user_id}/credentials")["data"]
    assert sandbox.get(f"/credentials/{listed['credentialId']}") == {"data": listed}
    assert sandbox.get("/credentials/shopify")["data"]["name"] == "shopify"


def test_the_unified_apis_users_are_the_same(sandbox: Sandbox) -> None:
    user_id = sandbox.send("POST", "/one/users", {"username": "uma"})["userId"]
    assert sandbox.get("/users/uma")["userId"] == sandbox.get("/one/users/uma")["userId"] == user_id


def test_the_favicon_is_there(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.origin}/favicon.png", timeout=20)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
