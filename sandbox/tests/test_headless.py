from __future__ import annotations

import pytest

from tests.conftest import Json, Sandbox


@pytest.fixture
def netsuite(sandbox: Sandbox, user_id: str) -> str:
    """Return the id of an integration with configurable fields, which the user has connected."""
    body = {"userId": user_id, "credential": {"type": "netsuite", "data": {"realm": "1"}}}
    sandbox.send("POST", "/headless/credentials", body)
    found: str = sandbox.get("/integrations/NetSuite", userId=user_id)["data"]["integrationId"]
    return found


@pytest.fixture
def started(sandbox: Sandbox, user_id: str, netsuite: str) -> Json:
    body = {"userId": user_id, "integrationId": netsuite}
    begun: Json = sandbox.send("POST", "/headless/startInstallation", body)
    return begun


def filled(started: Json, **values: str) -> Json:
    form = started["data"][0]
    fields = [{"name": name, "value": value} for name, value in values.items()]
    keys = {"workflowId": form["workflowId"], "blockId": form["blockId"]}
    return {"installationId": started["installationId"], "data": [{**keys, "fields": fields}]}


def test_a_filled_form_completes_the_installation(
    sandbox: Sandbox, user_id: str, started: Json
) -> None:
    workflow = started["data"][0]["workflowId"]
    assert started["data"][0]["app"] == "netsuite"
    assert sandbox.workflow(user_id, workflow)["installed"] is False
    answer = sandbox.send(
        "POST", "/headless/completeInstallation", filled(started, subsidiary="europe")
    )
    assert answer == {"message": "Installation completed successfully"}
    assert sandbox.workflow(user_id, workflow)["installed"] is True


def test_a_required_field_left_empty_is_refused(
    sandbox: Sandbox, user_id: str, started: Json
) -> None:
    response = sandbox.call("POST", "/headless/completeInstallation", filled(started, memo="x"))
    assert response.status_code == 422
    assert response.json() == {"message": "The field Subsidiary is required"}
    assert sandbox.workflow(user_id, started["data"][0]["workflowId"])["installed"] is False


def test_what_is_installed_can_be_edited(
    sandbox: Sandbox, user_id: str, netsuite: str, started: Json
) -> None:
    sandbox.send("POST", "/headless/completeInstallation", filled(started, subsidiary="europe"))
    body = {"userId": user_id, "integrationId": netsuite}
    data = sandbox.send("POST", "/headless/editInstallation", body)["data"]
    assert data["installationId"] == started["installationId"]
    assert data["installedData"][0]["fields"] == [{"name": "subsidiary", "value": "europe"}]
    assert list(data["credentialIds"]) == ["netsuiteApi"]


def test_an_edit_can_choose_another_account(
    sandbox: Sandbox, user_id: str, netsuite: str, started: Json
) -> None:
    other = {"userId": user_id, "credential": {"type": "netsuite", "data": {}}}
    credential_id = sandbox.send("POST", "/headless/credentials", other)["credentialId"]
    body = {"userId": user_id, "integrationId": netsuite}
    before = sandbox.send("POST", "/headless/editInstallation", body)["data"]
    assert before["credentialIds"] != {"netsuiteApi": credential_id}
    sandbox.send("POST", "/headless/editInstallation", {**body, "credentialIds": [credential_id]})
    after = sandbox.send("POST", "/headless/editInstallation", body)["data"]
    assert after["credentialIds"] == {"netsuiteApi": credential_id}


def test_an_edit_of_another_installation_is_not_found(
    sandbox: Sandbox, user_id: str, netsuite: str, started: Json
) -> None:
    body = {"userId": user_id, "integrationId": netsuite, "installationId": "0" * 24}
    assert sandbox.call("POST", "/headless/editInstallation", body).status_code == 404


def test_all_installations_of_the_account_are_listed(
    sandbox: Sandbox, user_id: str, started: Json
) -> None:
    assert sandbox.get("/installations")["data"][0]["enabled"] is False
    sandbox.send("POST", "/headless/completeInstallation", filled(started, subsidiary="europe"))
    listed = sandbox.get("/installations")["data"][0]
    assert listed["enabled"] is True
    assert listed["userId"] == user_id
