"""Alloy's own clients, unchanged, do against the sandbox what they do against Alloy."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import pytest
import requests

from tests.clients import call_javascript, python_client
from tests.conftest import BIGCOMMERCE, KEY, ORDER_CREATED, STATUS_UPDATE, Sandbox

EVENT = "Fulfillment Updated"
FULFILLED = {"orderId": "100", "status": "FULFILLED"}


class TestAlloyNode:
    """npm's alloy-node 2.2.1."""

    def values(self, sandbox: Sandbox, *calls: list[Any]) -> list[Any]:
        results = call_javascript("alloy-node", sandbox.origin, ["identify", "gregg"], *calls)
        assert all("value" in result or result == {} for result in results), results
        return [result.get("value") for result in results[1:]]

    def test_users(self, sandbox: Sandbox, user_id: str) -> None:
        created, user, updated, users, token = self.values(
            sandbox,
            ["createUser", {"username": "other", "fullName": "Other"}],
            ["getUser", user_id],
            ["updateUser", {"fullName": "Gregg M"}],
            ["getUsers"],
            ["getUserToken"],
        )
        assert len(created["userId"]) == 24
        assert user == {"userId": user_id, "username": "gregg", "fullName": ""}
        assert updated["fullName"] == "Gregg M"
        assert len(users["data"]) == 2
        assert token["token"].count(".") == 2

    def test_integrations_and_workflows(self, sandbox: Sandbox, installed_user: str) -> None:
        listed, by_name, workflows, workflow, versions, users, apps, metadata = self.values(
            sandbox,
            ["getIntegrations"],
            ["getIntegration", "BigCommerce"],
            ["getWorkflows"],
            ["getWorkflow", STATUS_UPDATE],
            ["getVersions", STATUS_UPDATE],
            ["getWorkflowDetails", STATUS_UPDATE],
            ["getApps"],
            ["getCredential", "netsuite"],
        )
        assert listed["data"][0] == by_name["data"]
        assert by_name["data"]["integrationId"] == BIGCOMMERCE
        assert workflow["data"] in workflows["data"]
        assert workflow["data"]["installedVersion"] == 1
        assert versions["data"][0]["versionName"] == "Version 1"
        assert users["data"][0]["userId"] == installed_user
        assert apps["data"][0]["name"] == "BigCommerce"
        assert metadata["data"]["name"] == "netsuite"

    def test_the_loop(self, sandbox: Sandbox, installed_user: str) -> None:
        sandbox.control("POST", f"stores/{installed_user}/orders", {})
        triggered, ran, logs, analytics = self.values(
            sandbox,
            ["event", EVENT, FULFILLED],
            ["run", STATUS_UPDATE, FULFILLED],
            ["getLogs", STATUS_UPDATE],
            ["getAnalytics", STATUS_UPDATE],
        )
        assert triggered["message"] == "Event successfully triggered"
        assert ran == {"message": "success"}
        assert [execution["status"] for execution in logs["data"]] == ["success", "success"]
        assert analytics["totalWorkflowRuns"] == 2
        (order,) = sandbox.control("GET", f"stores/{installed_user}/orders")["data"]
        assert order["status"] == "FULFILLED"

    def test_life_after_the_install(self, sandbox: Sandbox, installed_user: str) -> None:
        answers = self.values(
            sandbox,
            ["deactivate", {"workflowId": STATUS_UPDATE}],
            ["reactivate", {"workflowId": STATUS_UPDATE}],
            ["disableAllWorkflows"],
            ["deleteWorkflow", STATUS_UPDATE],
            ["generateLink", BIGCOMMERCE],
            ["getUserOauthRedirect", {"credentialName": "shopify", "shopSubdomain": "acme"}],
            ["deleteLogs"],
            ["deleteUser"],
        )
        assert answers[:4] == [
            {"activated": False},
            {"activated": True},
            {"message": "Success"},
            {"deleted": True},
        ]
        assert "/embedded-install?" in answers[4]["url"]
        assert "/api/strategy/shopify/authorize" in answers[5]["oauthUrl"]
        assert answers[6:] == [{"message": "Success"}, {"success": True}]

    def test_what_it_throws_is_the_message(self, sandbox: Sandbox) -> None:
        unknown, missing = call_javascript(
            "alloy-node", sandbox.origin, ["identify", "nobody"], ["createUser", {}]
        )
        assert unknown == {"thrown": "User not found"}
        assert missing == {"thrown": "username is required"}


class TestAlloyFrontend:
    """The calls of npm's alloy-frontend 2.1.1; its modal is tested in a browser."""

    def test_it_lists_pauses_and_resumes(self, sandbox: Sandbox, installed_user: str) -> None:
        token = sandbox.get(f"/users/{installed_user}/token")["token"]
        results = call_javascript(
            "alloy-frontend",
            sandbox.origin,
            ["setToken", token],
            ["getIntegrations"],
            ["deactivate", {"workflowId": ORDER_CREATED}],
            ["getWorkflows"],
            ["reactivate", {"workflowId": ORDER_CREATED}],
        )
        integrations, paused, workflows, resumed = [result["value"] for result in results[1:]]
        assert integrations["data"][0]["installed"] is True
        assert paused == {"activated": False}
        assert workflows["data"][0]["active"] is False
        assert resumed == {"activated": True}

    def test_a_bad_token_is_an_answer_not_an_exception(self, sandbox: Sandbox) -> None:
        _, answer = call_javascript(
            "alloy-frontend", sandbox.origin, ["setToken", "a.b.c"], ["getIntegrations"]
        )
        assert answer == {"value": {"message": "Unauthorized"}}


class TestAlloyPython:
    """PyPI's alloy-python 1.0.0."""

    @pytest.fixture
    def alloy(self, sandbox: Sandbox, installed_user: str, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.syspath_prepend(python_client())
        package: ModuleType = importlib.import_module("alloy_python")
        client = package.Embedded(KEY)
        for resource in vars(client).values():
            if hasattr(resource, "url"):
                resource.url = f"{sandbox.origin}/2023-12"
            if hasattr(resource, "set_user_id"):
                resource.set_user_id(installed_user)
        return client

    def test_users(self, alloy: Any, installed_user: str) -> None:
        assert len(alloy.User.create_user({"username": "other"})["userId"]) == 24
        batch = alloy.User.create_batch_users({"users": [{"username": "third"}]})
        assert batch == {"message": "success", "invalidUsers": []}
        assert alloy.User.get_user()["userId"] == installed_user
        assert alloy.User.update_user({"fullName": "New"})["fullName"] == "New"
        assert len(alloy.User.list_users()["data"]) == 3
        assert alloy.Tokens.get()["token"].count(".") == 2
        assert alloy.User.delete_user() == {"success": True}

    def test_integrations_and_workflows(self, alloy: Any) -> None:
        listed = alloy.Tokens.list_integrations()
        assert listed == alloy.Integration.list_integrations()
        assert alloy.Integration.get_integration(BIGCOMMERCE)["data"] == listed["data"][0]
        assert alloy.Workflows.get(STATUS_UPDATE)["data"] in alloy.Workflows.list()["data"]
        assert alloy.Workflows.list_versions(STATUS_UPDATE)["data"][0]["status"] == "released"
        assert alloy.Workflows.deactivate(STATUS_UPDATE) == {"activated": False}
        assert alloy.Workflows.activate(STATUS_UPDATE) == {"activated": True}
        assert alloy.Workflows.upgrade(STATUS_UPDATE)["upgraded"] is False
        assert alloy.Workflows.deactivate_all() == {"message": "Success"}
        assert alloy.Workflows.delete(STATUS_UPDATE) == {"deleted": True}

    def test_events_logs_and_analytics(self, alloy: Any) -> None:
        assert alloy.Events.list()["data"][0]["name"] == EVENT
        assert alloy.Events.run(EVENT, FULFILLED)["message"] == "Event successfully triggered"
        assert len(alloy.Logs.get_workflow_errors(STATUS_UPDATE)["data"]) == 1
        failed = alloy.Logs.get_workflow_logs(STATUS_UPDATE)["data"][0]["executionId"]
        again = alloy.Logs.rerun_workflow_execution(STATUS_UPDATE, failed)
        assert len(again["executionUuid"]) == 21
        assert alloy.Analytics.get(STATUS_UPDATE)["totalErrors"] == 2
        assert alloy.Compliance.delete_user_logs() == {"message": "Success"}

    def test_credentials_apps_and_links(self, alloy: Any) -> None:
        credential = {"type": "httpHeaderAuth", "data": {"fieldName": "x", "value": "y"}}
        created = alloy.Credentials.create({"credential": credential})
        assert created["success"] is True
        assert len(alloy.Credentials.list_user_credentials()["data"]) == 2
        assert alloy.Credentials.delete(created["credentialId"]) == {"success": True}
        assert alloy.Credentials.get_metadata()["data"][0]["name"] == "bigcommerce"
        link = alloy.Credentials.generate_oauth_link("shopify", BIGCOMMERCE)
        assert link["oauthUrl"]
        assert alloy.App.get_apps()["data"]
        assert alloy.Link.generate(BIGCOMMERCE)["url"]

    def test_a_refused_upgrade_is_raised(self, alloy: Any, sandbox: Sandbox) -> None:
        body = {"configurableFields": ["orderTag"]}
        sandbox.control("POST", f"workflows/{STATUS_UPDATE}/releases", body)
        with pytest.raises(requests.HTTPError, match="422"):
            alloy.Workflows.upgrade(STATUS_UPDATE)

    def test_an_unknown_event_is_raised_with_the_message(self, alloy: Any) -> None:
        with pytest.raises(ValueError, match="Event not found"):
            alloy.Events.run("Nothing", {})
