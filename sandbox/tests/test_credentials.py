from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import Sandbox


@pytest.mark.parametrize("path", ["/users/gregg/credentials", "/headless/credentials"])
def test_a_credential_is_created_and_listed_but_never_shown(
    sandbox: Sandbox, user_id: str, path: str
) -> None:
    credential = {"type": "klaviyo", "data": {"apiKey": "pk_secret-value"}}
    created = sandbox.send("POST", path, {"userId": "gregg", "credential": credential})
    assert created["success"] is True
    for listing in (f"/users/{user_id}/credentials", f"/credentials/users/{user_id}"):
        found = sandbox.get(listing)["data"]
        assert found[0]["credentialId"] == created["credentialId"]
        assert set(found[0]) == {"credentialId", "type", "name", "createdAt", "updatedAt"}
    assert "secret-value" not in str(sandbox.control("GET", "requests"))


def test_a_deleted_credential_is_gone(sandbox: Sandbox, user_id: str) -> None:
    body = {"credential": {"type": "klaviyo", "data": {}}}
    created = sandbox.send("POST", f"/users/{user_id}/credentials", body)["credentialId"]
    path = f"/users/{user_id}/credentials/{created}"
    assert sandbox.send("DELETE", path) == {"success": True}
    assert sandbox.call("DELETE", path).status_code == 404
    assert sandbox.get(f"/users/{user_id}/credentials")["data"] == []


def test_nobody_deletes_the_credential_of_another(sandbox: Sandbox, user_id: str) -> None:
    body = {"credential": {"type": "klaviyo", "data": {}}}
    created = sandbox.send("POST", f"/users/{user_id}/credentials", body)["credentialId"]
    other = sandbox.new_user("other")
    assert sandbox.call("DELETE", f"/users/{other}/credentials/{created}").status_code == 404


@pytest.mark.parametrize("path", ["/credentials", "/metadata/credentials"])
def test_metadata_says_what_to_ask_under_both_names(sandbox: Sandbox, path: str) -> None:
    listed = {entry["name"]: entry for entry in sandbox.get(path)["data"]}
    assert listed["netsuite"]["connector"] == "netsuite"
    assert listed["netsuite"]["isOauth"] is False
    assert listed["netsuite"]["properties"][0]["displayName"] == "Account id"
    assert sandbox.get(f"{path}/shopify")["data"]["isOauth"] is True
    assert sandbox.call("GET", f"{path}/nothing").status_code == 404


@pytest.mark.parametrize("path", ["/apps", "/metadata/apps"])
def test_apps_are_listed(sandbox: Sandbox, path: str) -> None:
    app = sandbox.get(path)["data"][0]
    assert app["name"] == "BigCommerce"
    assert app["type"] == "bigcommerce"
    assert app["icon"].startswith(sandbox.origin)


@pytest.mark.parametrize(
    "path",
    [
        "/users/gregg/credentials/shopify?shopSubdomain=acme",
        "/headless/oauthUrl?app=shopify&userId=gregg&shopSubdomain=acme",
    ],
)
def test_an_oauth_address_comes_in_both_documented_shapes(
    sandbox: Sandbox, user_id: str, path: str
) -> None:
    answer = sandbox.get(path)
    assert answer["oauthUrl"] == answer["data"]["oauthUrl"]
    url = urlsplit(answer["oauthUrl"])
    assert url.path == "/api/strategy/shopify/authorize"
    assert parse_qs(url.query) == {"userId": [user_id], "shopSubdomain": ["acme"]}
