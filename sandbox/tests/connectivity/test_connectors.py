"""What can be connected to, and what can be done there."""

from __future__ import annotations

import pytest

from tests.conftest import Json, Sandbox

ACTIONS = {
    "notion": ["post-search", "post-page", "retrieve-a-page", "patch-page", "patch-block-children"],
    "slack": ["chat_postMessage", "conversations_list"],
    "googleDrive": ["createFile", "updateFile", "listFiles", "getFile"],
    "hubspot": ["createContact", "searchContacts", "updateContact"],
    "shopify": ["listOrders"],
}


def listed(sandbox: Sandbox) -> dict[str, Json]:
    return {each["id"]: each for each in sandbox.get("/connectors")["connectors"]}


def test_the_list_is_not_wrapped_and_its_categories_are_lists(sandbox: Sandbox) -> None:
    connectors = listed(sandbox)
    assert len(connectors) >= 15
    assert connectors["notion"] == {
        "id": "notion",
        "name": "Notion",
        "category": ["productivity", "knowledge"],
        "icon": f"{sandbox.origin}/icons/notion.svg",
    }


def test_every_connector_has_an_icon_of_its_own(sandbox: Sandbox) -> None:
    icons = {each["icon"] for each in listed(sandbox).values()}
    assert len(icons) == len(listed(sandbox))
    for icon in icons:
        response = sandbox.session.get(icon, timeout=20)
        assert response.headers["Content-Type"] == "image/svg+xml", icon


@pytest.mark.parametrize("connector", ACTIONS)
def test_actions_are_listed_by_resource_and_flat(sandbox: Sandbox, connector: str) -> None:
    resources = sandbox.get(f"/connectors/{connector}/resources")["resources"]
    by_resource = [action["id"] for each in resources for action in each["actions"]]
    flat = [each["id"] for each in sandbox.get(f"/connectors/{connector}/actions")["actions"]]
    assert sorted(flat) == sorted(by_resource)
    assert set(ACTIONS[connector]) <= set(flat)


@pytest.mark.parametrize("version", ["2025-06", "2025-09", "2026-03", None])
@pytest.mark.parametrize("path", ["/connectors", "/2025-09/connectors/", "/connectors/"])
def test_any_dated_version_and_spelling_will_do(
    sandbox: Sandbox, version: str | None, path: str
) -> None:
    headers = {"x-api-version": version} if version else {}
    assert sandbox.call("GET", path, headers=headers).status_code == 200


def test_another_key_than_a_sandbox_key_is_refused_in_both_forms(sandbox: Sandbox) -> None:
    response = sandbox.call("GET", "/connectors", key="live_key")
    assert response.status_code == 401
    assert response.json()["message"] == response.json()["error"]["message"] == "Unauthorized"
