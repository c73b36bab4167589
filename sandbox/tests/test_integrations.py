from __future__ import annotations

import pytest

from tests.conftest import BIGCOMMERCE, ORDER_CREATED, STATUS_UPDATE, Sandbox


def test_bigcommerce_has_the_two_workflows_of_the_quick_start(
    sandbox: Sandbox, user_id: str
) -> None:
    integration = sandbox.get(f"/integrations/{BIGCOMMERCE}", userId=user_id)["data"]
    assert integration["app"] == "BigCommerce"
    assert integration["installed"] is False
    assert [workflow["name"] for workflow in integration["workflows"]] == [
        "When a new order is created in BigCommerce, create a new record in AcmeCo",
        "When a fulfillment status is updated in AcmeCo, update the order status in BigCommerce",
    ]


def test_there_are_integrations_of_many_kinds_each_with_an_icon_served_here(
    sandbox: Sandbox, user_id: str
) -> None:
    integrations = sandbox.get("/integrations", userId=user_id)["data"]
    assert len(integrations) >= 8
    for integration in integrations:
        assert integration["workflows"]
        icon = sandbox.session.get(integration["icon"], timeout=20)
        assert icon.headers["Content-Type"] == "image/svg+xml"
        blocks = [block for flow in integration["workflows"] for block in flow["blocks"]]
        assert all(sandbox.session.get(block["icon"], timeout=20).ok for block in blocks)


def test_installed_version_is_absent_until_installed(sandbox: Sandbox, user_id: str) -> None:
    integration = sandbox.get(f"/integrations/{BIGCOMMERCE}", userId=user_id)["data"]
    assert "installedVersion" not in integration["workflows"][0]
    sandbox.install(user_id)
    workflow = sandbox.workflow(user_id)
    assert workflow["installedVersion"] == workflow["version"] == 1
    assert workflow["installed"] is workflow["active"] is True


def test_one_users_installation_is_not_anothers(sandbox: Sandbox, installed_user: str) -> None:
    other = sandbox.new_user("other")
    assert sandbox.get(f"/integrations/{BIGCOMMERCE}", userId=other)["data"]["installed"] is False


@pytest.mark.parametrize("name", [BIGCOMMERCE, "BigCommerce"])
def test_an_integration_is_found_by_id_and_by_name(
    sandbox: Sandbox, user_id: str, name: str
) -> None:
    found = sandbox.get(f"/integrations/{name}", userId="gregg")["data"]
    assert found["integrationId"] == BIGCOMMERCE


def test_some_integrations_ask_their_users_to_configure_something(
    sandbox: Sandbox, user_id: str
) -> None:
    sandbox.send(
        "POST",
        f"/users/{user_id}/credentials",
        {"credential": {"type": "netsuite", "data": {"realm": "1"}}},
    )
    netsuite = sandbox.get("/integrations/NetSuite", userId=user_id)["data"]["integrationId"]
    started = sandbox.send(
        "POST", "/headless/startInstallation", {"userId": user_id, "integrationId": netsuite}
    )
    fields = started["data"][0]["fields"]
    assert [field["name"] for field in fields] == ["subsidiary", "memo"]
    assert fields[0]["options"][0] == {"displayName": "Parent company", "value": "parent-company"}


def test_a_workflow_is_found_by_the_users_own_copy_too(sandbox: Sandbox, user_id: str) -> None:
    installed = sandbox.install(user_id)
    child = installed["childWorkflowIds"][installed["workflowIds"].index(STATUS_UPDATE)]
    assert sandbox.workflow(user_id, child)["workflowId"] == STATUS_UPDATE


def test_the_users_of_a_workflow_are_listed_with_their_version(
    sandbox: Sandbox, installed_user: str
) -> None:
    listed = sandbox.get(f"/workflows/{ORDER_CREATED}/users")["data"]
    assert listed[0]["userId"] == installed_user
    assert listed[0]["workflowActive"] is True
    assert listed[0]["installedVersion"] == 1
    assert listed[0]["installedAt"].endswith("Z")
