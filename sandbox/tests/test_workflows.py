from __future__ import annotations

import pytest

from tests.conftest import BIGCOMMERCE, ORDER_CREATED, STATUS_UPDATE, Json, Sandbox


def release(sandbox: Sandbox, body: Json | None = None) -> Json:
    released: Json = sandbox.control("POST", f"workflows/{STATUS_UPDATE}/releases", body or {})
    return released


def upgrade_path(user_id: str) -> str:
    return f"/workflows/{STATUS_UPDATE}/upgrade?userId={user_id}"


def test_a_release_is_newer_than_what_is_installed_until_upgraded(
    sandbox: Sandbox, installed_user: str
) -> None:
    assert release(sandbox)["version"] == 2
    workflow = sandbox.workflow(installed_user)
    assert (workflow["version"], workflow["installedVersion"]) == (2, 1)
    assert sandbox.send("PUT", upgrade_path(installed_user))["upgraded"] is True
    assert sandbox.workflow(installed_user)["installedVersion"] == 2


def test_an_upgrade_to_the_version_one_has_changes_nothing(
    sandbox: Sandbox, installed_user: str
) -> None:
    assert sandbox.send("PUT", upgrade_path(installed_user))["upgraded"] is False


@pytest.mark.parametrize("fields", [["orderTag"], [{"name": "orderTag", "required": False}]])
def test_an_upgrade_to_new_configurable_fields_is_refused(
    sandbox: Sandbox, installed_user: str, fields: list[object]
) -> None:
    released = release(sandbox, {"configurableFields": fields})
    assert released["configurableFields"][0]["displayName"] == "Order tag"
    response = sandbox.call("PUT", upgrade_path(installed_user))
    assert response.status_code == 422
    assert "orderTag" in response.json()["message"]
    assert "upgraded" not in response.json()
    assert sandbox.workflow(installed_user)["installedVersion"] == 1


def test_a_reinstall_takes_what_an_upgrade_cannot(sandbox: Sandbox, installed_user: str) -> None:
    release(sandbox, {"configurableFields": ["orderTag"]})
    sandbox.install(installed_user)
    assert sandbox.workflow(installed_user)["installedVersion"] == 2
    release(sandbox)
    assert sandbox.send("PUT", upgrade_path(installed_user))["upgraded"] is True


def test_versions_are_listed_newest_first_and_may_have_a_name_and_other_steps(
    sandbox: Sandbox, installed_user: str
) -> None:
    release(sandbox, {"name": "Twice", "blocks": [{"name": "Twice", "type": "bigcommerce"}]})
    versions = sandbox.get(f"/workflows/{STATUS_UPDATE}/versions", userId=installed_user)["data"]
    assert [version["versionName"] for version in versions] == ["Twice", "Version 1"]
    assert set(versions[0]) == {"versionId", "versionName", "lastModified", "status"}
    assert [each["name"] for each in sandbox.workflow(installed_user)["blocks"]] == ["Twice"]


def test_a_paused_workflow_can_be_resumed(sandbox: Sandbox, installed_user: str) -> None:
    body = {"userId": installed_user, "workflowId": STATUS_UPDATE}
    assert sandbox.send("PUT", "/workflows/deactivate", body) == {"activated": False}
    assert sandbox.workflow(installed_user)["active"] is False
    assert sandbox.workflow(installed_user)["installed"] is True
    by_name = {"userId": "gregg", "workflowName": sandbox.workflow(installed_user)["name"]}
    assert sandbox.send("PUT", "/workflows/activate", by_name) == {"activated": True}
    assert sandbox.workflow(installed_user)["active"] is True


def test_a_reinstall_leaves_a_paused_workflow_paused(sandbox: Sandbox, installed_user: str) -> None:
    sandbox.send(
        "PUT", "/workflows/deactivate", {"userId": installed_user, "workflowId": STATUS_UPDATE}
    )
    sandbox.install(installed_user)
    assert sandbox.workflow(installed_user)["active"] is False


def test_everything_of_a_user_can_be_paused_at_once(sandbox: Sandbox, installed_user: str) -> None:
    answer = sandbox.send("PUT", f"/users/{installed_user}/deactivate-workflows")
    assert answer == {"message": "Success"}
    assert not sandbox.workflow(installed_user, ORDER_CREATED)["active"]
    assert not sandbox.workflow(installed_user, STATUS_UPDATE)["active"]


def test_a_deleted_workflow_is_gone_for_that_user_only(
    sandbox: Sandbox, installed_user: str
) -> None:
    other = sandbox.new_user("other")
    sandbox.install(other)
    path = f"/workflows/{STATUS_UPDATE}?userId={installed_user}"
    assert sandbox.send("DELETE", path) == {"deleted": True}
    assert sandbox.call("DELETE", path).status_code == 404
    assert sandbox.workflow(installed_user)["installed"] is False
    assert sandbox.workflow(other)["installed"] is True


def test_some_workflows_of_an_integration_can_be_installed_alone(
    sandbox: Sandbox, user_id: str
) -> None:
    sandbox.control(
        "POST",
        "installations",
        {"userId": user_id, "integrationId": BIGCOMMERCE, "workflowIds": [ORDER_CREATED]},
    )
    assert sandbox.workflow(user_id, ORDER_CREATED)["installed"] is True
    assert sandbox.workflow(user_id, STATUS_UPDATE)["installed"] is False
