from __future__ import annotations

import pytest

from tests.conftest import ORDER_CREATED, STATUS_UPDATE, Sandbox

LOGS = f"/workflows/{STATUS_UPDATE}/logs"


@pytest.fixture
def busy_user(sandbox: Sandbox, installed_user: str) -> str:
    """Return a user with twelve executions, of which the last two have failed."""
    sandbox.control("POST", f"stores/{installed_user}/orders", {})
    for number in range(10):
        sandbox.run(installed_user, "100", f"status {number}")
    for _ in range(2):
        sandbox.run(installed_user, "999", "FULFILLED")
    return installed_user


def test_an_execution_shows_what_older_and_newer_versions_show(
    sandbox: Sandbox, busy_user: str
) -> None:
    execution = sandbox.get(LOGS, userId=busy_user, error="false")["data"][0]
    assert len(execution["executionId"]) == 21
    assert execution["finished"] is True
    assert execution["status"] == "success"
    assert "error" not in execution
    assert execution["inputs"][0]["data"] == {"orderId": "100", "status": "status 9"}
    trigger, update = execution["results"]
    assert trigger["connectorId"] == trigger["blockId"] == execution["inputs"][0]["connectorId"]
    assert update["data"][0][0]["json"]["status"] == "status 9"


def test_a_failed_execution_carries_its_error(sandbox: Sandbox, busy_user: str) -> None:
    failed = sandbox.get(LOGS, userId=busy_user, error="true")["data"]
    assert [execution["status"] for execution in failed] == ["error", "error"]
    assert "404" in failed[0]["error"]


def test_pages_begin_at_zero_and_hold_ten_unless_told_up_to_thirty(
    sandbox: Sandbox, busy_user: str
) -> None:
    first = sandbox.get(LOGS, userId=busy_user)["data"]
    assert first == sandbox.get(LOGS, userId=busy_user, page=0)["data"]
    assert len(first) == 10
    assert len(sandbox.get(LOGS, userId=busy_user, page=1)["data"]) == 2
    assert sandbox.get(LOGS, userId=busy_user, page=2)["data"] == []
    assert len(sandbox.get(LOGS, userId=busy_user, limit=500)["data"]) == 12
    oldest = sandbox.get(LOGS, userId=busy_user, order="asc", limit=30)["data"]
    assert oldest[::-1][:10] == first


def test_the_singular_path_of_the_guide_works_too(sandbox: Sandbox, busy_user: str) -> None:
    singular = sandbox.get(f"/workflow/{STATUS_UPDATE}/logs", userId=busy_user)
    assert singular == sandbox.get(LOGS, userId=busy_user)


def test_without_a_user_the_errors_of_all_users_are_listed(
    sandbox: Sandbox, busy_user: str
) -> None:
    other = sandbox.new_user("other")
    sandbox.install(other)
    sandbox.run(other, "999", "FULFILLED")
    path = f"/workflows/{STATUS_UPDATE}/errors"
    assert len(sandbox.get(path)["data"]) == 3
    assert len(sandbox.get(path, userId=other)["data"]) == 1


def test_a_failed_execution_can_run_again(sandbox: Sandbox, busy_user: str) -> None:
    failed = sandbox.get(LOGS, userId=busy_user, error="true")["data"][0]["executionId"]
    sandbox.control("POST", f"stores/{busy_user}/orders", {"id": 999})
    again = sandbox.send("POST", f"/workflows/{STATUS_UPDATE}/rerun/{failed}?userId={busy_user}")
    newest = sandbox.get(LOGS, userId=busy_user)["data"][0]
    assert again == {"message": "success", "executionUuid": newest["executionId"]}
    assert newest["status"] == "success"


def test_analytics_count_runs_actions_and_errors_unwrapped(
    sandbox: Sandbox, busy_user: str
) -> None:
    assert sandbox.get(f"/workflows/{STATUS_UPDATE}/analytics") == {
        "totalAppActions": 10,
        "totalWorkflowRuns": 12,
        "totalErrors": 2,
    }


def test_deleted_logs_are_gone_but_the_counts_and_the_user_stay(
    sandbox: Sandbox, busy_user: str
) -> None:
    execution = sandbox.get(LOGS, userId=busy_user)["data"][0]["executionId"]
    before = sandbox.get(f"/workflows/{STATUS_UPDATE}/analytics")
    assert sandbox.send("DELETE", f"/users/{busy_user}/logs") == {"message": "Success"}
    assert sandbox.get(LOGS, userId=busy_user)["data"] == []
    assert sandbox.get(f"/workflows/{STATUS_UPDATE}/errors")["data"] == []
    assert sandbox.get("/logs")["notifications"] == []
    rerun = f"/workflows/{STATUS_UPDATE}/rerun/{execution}?userId={busy_user}"
    assert sandbox.call("POST", rerun).status_code == 404
    assert sandbox.get(f"/workflows/{STATUS_UPDATE}/analytics") == before
    assert sandbox.workflow(busy_user)["installed"] is True


def test_the_account_wide_logs_name_user_and_workflow(sandbox: Sandbox, busy_user: str) -> None:
    # Twelve events, and the order that was placed.
    page = sandbox.get("/logs", limit=5, skip=5)
    assert page["pagination"] == {
        "totalItems": 13,
        "totalPages": 3,
        "currentPage": 2,
        "pageSize": 5,
    }
    newest = sandbox.get("/logs", workflowId=STATUS_UPDATE)["notifications"][0]
    assert newest["message"] == "executionError"
    assert newest["forgeWorkflowId"] == STATUS_UPDATE
    assert newest["workflowId"] != STATUS_UPDATE
    assert newest["user"]["email"] == "gregg"
    assert newest["forgeWorkflow"]["integrationId"]["name"] == "BigCommerce"
    one = sandbox.get(f"/logs/{newest['_id']}")["data"]
    assert one["executionUuid"] == newest["data"]["executionUuid"]
    assert sandbox.get("/logs", workflowId=ORDER_CREATED)["notifications"] != []


def test_a_failure_can_be_made_up(sandbox: Sandbox, installed_user: str) -> None:
    body = {"userId": installed_user, "error": "The store is closed"}
    made = sandbox.control("POST", f"workflows/{STATUS_UPDATE}/executions", body)
    logged = sandbox.get(LOGS, userId=installed_user)["data"][0]
    assert logged["executionId"] == made["executionId"]
    assert logged["error"] == "The store is closed"
