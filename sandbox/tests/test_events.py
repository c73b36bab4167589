from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import STATUS_UPDATE, Sandbox

TRIGGERED = {"message": "Event successfully triggered"}


def statuses(sandbox: Sandbox, user_id: str) -> dict[int, str]:
    orders = sandbox.control("GET", f"stores/{user_id}/orders")["data"]
    return {order["id"]: order["status"] for order in orders}


def place(sandbox: Sandbox, user_id: str) -> int:
    number: int = sandbox.control("POST", f"stores/{user_id}/orders", {})["id"]
    return number


def test_the_event_of_the_quick_start_is_listed_with_its_schema(
    sandbox: Sandbox, user_id: str
) -> None:
    events = sandbox.get("/events", userId=user_id)["data"]
    assert events[0]["name"] == "Fulfillment Updated"
    assert events[0]["body"] == {"orderId": "String", "status": "String"}


@pytest.mark.parametrize("form", [int, str])
def test_a_status_reaches_the_store_as_it_stands(
    sandbox: Sandbox, installed_user: str, form: type
) -> None:
    number = place(sandbox, installed_user)
    answer = sandbox.run(installed_user, form(number), "FULFILLED")
    assert answer.json() == TRIGGERED
    assert statuses(sandbox, installed_user) == {number: "FULFILLED"}


def test_only_the_store_of_that_user_changes(sandbox: Sandbox, installed_user: str) -> None:
    other = sandbox.new_user("other")
    sandbox.install(other)
    number, same_number = place(sandbox, installed_user), place(sandbox, other)
    assert number == same_number
    sandbox.run(installed_user, number, "FULFILLED")
    assert statuses(sandbox, other) == {number: "Awaiting Fulfillment"}


@pytest.mark.parametrize("order_id", ["999", "no number", None, "", {}, "٣", "9" * 5000])
def test_an_unknown_order_is_a_failed_execution_but_the_event_is_taken(
    sandbox: Sandbox, installed_user: str, order_id: object
) -> None:
    assert sandbox.run(installed_user, order_id, "FULFILLED").json() == TRIGGERED
    errors = sandbox.get(f"/workflows/{STATUS_UPDATE}/errors", userId=installed_user)["data"]
    assert len(errors) == 1
    assert errors[0]["block"] == "bigcommerce"
    assert errors[0]["workflowId"] == STATUS_UPDATE
    assert "404" in errors[0]["message"]


def test_a_paused_workflow_takes_no_events(sandbox: Sandbox, installed_user: str) -> None:
    number = place(sandbox, installed_user)
    sandbox.send(
        "PUT", "/workflows/deactivate", {"userId": installed_user, "workflowId": STATUS_UPDATE}
    )
    assert sandbox.run(installed_user, number, "FULFILLED").json() == TRIGGERED
    assert statuses(sandbox, installed_user) == {number: "Awaiting Fulfillment"}
    assert sandbox.get(f"/workflows/{STATUS_UPDATE}/logs", userId=installed_user)["data"] == []


def test_an_event_runs_every_installed_workflow_that_uses_it(
    sandbox: Sandbox, installed_user: str
) -> None:
    klaviyo = sandbox.get("/integrations/Klaviyo", userId=installed_user)["data"]
    sandbox.install(installed_user, klaviyo["integrationId"])
    sandbox.run(installed_user, place(sandbox, installed_user), "FULFILLED")
    tracking = klaviyo["workflows"][1]["workflowId"]
    for workflow in (STATUS_UPDATE, tracking):
        assert len(sandbox.get(f"/workflows/{workflow}/logs", userId=installed_user)["data"]) == 1


def test_the_same_event_twice_runs_twice_and_both_are_in_the_ledger(
    sandbox: Sandbox, installed_user: str
) -> None:
    headers = {"Idempotency-Key": "event-1"}
    for _ in range(2):
        sandbox.run(installed_user, "100", "FULFILLED", headers=headers)
    ledger = sandbox.control("GET", "events?after=0")["data"]
    assert [entry["idempotencyKey"] for entry in ledger] == ["event-1", "event-1"]
    assert ledger[0]["id"] < ledger[1]["id"]
    assert ledger[0]["userId"] == installed_user
    assert ledger[0]["data"] == {"orderId": "100", "status": "FULFILLED"}
    assert sandbox.control("GET", f"events?after={ledger[0]['id']}")["data"] == ledger[1:]


def test_a_workflow_can_be_run_by_id_and_by_name(sandbox: Sandbox, installed_user: str) -> None:
    number = place(sandbox, installed_user)
    name = sandbox.workflow(installed_user)["name"]
    for choice, status in (({"workflowId": STATUS_UPDATE}, "A"), ({"workflowName": name}, "B")):
        body = {"userId": "gregg", "data": {"orderId": number, "status": status}, **choice}
        assert sandbox.send("POST", "/run/workflow", body) == {"message": "success"}
        assert statuses(sandbox, installed_user) == {number: status}


def test_sixteen_writers_at_once_lose_nothing_and_meet_no_locked_database(
    sandbox: Sandbox, installed_user: str
) -> None:
    number = place(sandbox, installed_user)

    def send(writer: int) -> list[int]:
        own = Sandbox(sandbox.origin)
        with own.session:
            return [
                own.run(installed_user, number, f"{writer}-{turn}").status_code for turn in range(8)
            ]

    with ThreadPoolExecutor(16) as pool:
        codes = [code for answers in pool.map(send, range(16)) for code in answers]
    assert codes == [200] * 128
    ledger = sandbox.control("GET", "events?after=0")["data"]
    assert len(ledger) == 128
    # What the store holds is what was taken last: the ledger's order is the real one.
    assert statuses(sandbox, installed_user)[number] == ledger[-1]["data"]["status"]
    for writer in range(16):
        own = [
            entry["data"]["status"]
            for entry in ledger
            if entry["data"]["status"].startswith(f"{writer}-")
        ]
        assert own == [f"{writer}-{turn}" for turn in range(8)]
