from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import (
    BIGCOMMERCE,
    ORDER_CREATED,
    STATUS_UPDATE,
    Json,
    Received,
    Receiver,
    Sandbox,
)
from tests.test_signature import verify

Wait = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def listening(sandbox: Sandbox, receiver: Receiver) -> Receiver:
    """Return a receiver to which all three destinations lead."""
    sandbox.control(
        "PUT",
        "destinations",
        {
            "installations": f"{receiver.url}/installations/",
            "orders": f"{receiver.url}/orders/?userId={{userId}}",
            "errors": f"{receiver.url}/errors/",
        },
    )
    return receiver


def check_signature(sandbox: Sandbox, receiver: Receiver, request: Received) -> None:
    pem = sandbox.session.get(f"{sandbox.origin}/security/alloy_public_key.pem", timeout=20).text
    assert pem.startswith("-----BEGIN PUBLIC KEY-----")
    text = f"POST{receiver.url}{request.path}{request.body.decode()}"
    verify(pem, request.headers["X-Alloy-Signature"], text)


def deliveries(sandbox: Sandbox, status: str) -> list[Json]:
    found = sandbox.control("GET", "webhooks")["data"]
    return [delivery for delivery in found if delivery["status"] == status]


def test_an_installation_is_told_signed(
    sandbox: Sandbox, user_id: str, listening: Receiver
) -> None:
    sandbox.install(user_id)
    (request,) = listening.wait_for(1)
    credential = sandbox.get(f"/users/{user_id}/credentials")["data"][0]["credentialId"]
    assert request.path == "/installations/"
    assert json.loads(request.body) == {
        "userId": user_id,
        "workflowIds": [ORDER_CREATED, STATUS_UPDATE],
        "integrationId": BIGCOMMERCE,
        "credentials": {"bigcommerce": credential},
        "success": True,
    }
    check_signature(sandbox, listening, request)


def test_an_order_is_streamed_raw_signed_and_to_its_users_address(
    sandbox: Sandbox, installed_user: str, listening: Receiver
) -> None:
    order = sandbox.control(
        "POST", f"stores/{installed_user}/orders", {"customer_message": "für Ömer ☎"}
    )
    (request,) = listening.wait_for(1)
    assert request.path == f"/orders/?userId={installed_user}"
    assert json.loads(request.body) == order
    assert "für Ömer ☎".encode() in request.body
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["X-Alloy-UserId"] == installed_user
    assert request.headers["X-Alloy-WorkflowId"] == ORDER_CREATED
    assert request.headers["X-Alloy-BlockType"] == "bigcommerce"
    check_signature(sandbox, listening, request)


def test_no_order_is_streamed_for_a_user_without_the_workflow(
    sandbox: Sandbox, user_id: str, listening: Receiver
) -> None:
    sandbox.control("POST", f"stores/{user_id}/orders", {})
    assert sandbox.control("GET", "webhooks")["data"] == []


def test_the_execution_ends_when_the_order_was_taken(
    sandbox: Sandbox, installed_user: str, listening: Receiver, wait_until: Wait
) -> None:
    sandbox.control("POST", f"stores/{installed_user}/orders", {})
    uuid = listening.wait_for(1)[0].headers["X-Alloy-ExecutionUuid"]
    path = f"/workflows/{ORDER_CREATED}/logs"
    execution = wait_until(
        lambda: [each for each in sandbox.get(path)["data"] if each["finished"]]
    )[0]
    assert execution["executionId"] == uuid
    assert execution["status"] == "success"
    assert execution["results"][1]["data"][0][0]["json"] == {"statusCode": 200}


def test_a_failed_execution_is_streamed_signed_with_who_and_where(
    sandbox: Sandbox, installed_user: str, listening: Receiver
) -> None:
    sandbox.run(installed_user, "999", "FULFILLED")
    (request,) = listening.wait_for(1)
    body = json.loads(request.body)
    logged = sandbox.get(f"/workflows/{STATUS_UPDATE}/logs")["data"][0]
    assert request.path == "/errors/"
    assert set(body) == {
        *("_id", "workflowId", "executionId", "blockId", "blockType", "error"),
        *("createdAt", "updatedAt", "__v"),
    }
    assert body["workflowId"] == STATUS_UPDATE
    assert body["blockType"] == "alloy.bigcommerce"
    assert body["error"] == logged["error"]
    assert request.headers["X-Alloy-ExecutionUuid"] == logged["executionId"]
    assert request.headers["X-Alloy-BlockName"] == "Update an order status"
    check_signature(sandbox, listening, request)


@pytest.mark.parametrize(
    ("app", "header"),
    [
        ("Åland 日本", "%C3%85land %E6%97%A5%E6%9C%AC Trigger"),
        ("Two\nlines", "Two%0Alines Trigger"),
        ("100% A&B", "100% A&B Trigger"),
    ],
)
def test_an_app_may_have_a_name_that_no_header_can_hold(
    sandbox: Sandbox, user_id: str, listening: Receiver, app: str, header: str
) -> None:
    workflow = {"name": "Send orders", "does": "stream_order"}
    own = {"app": app, "connector": "own", "id": "a" * 24, "oauth": True, "workflows": [workflow]}
    sandbox.control("POST", "catalogue", {"integrations": [own]})
    sandbox.control("POST", "installations", {"userId": user_id, "integrationId": "a" * 24})
    sandbox.control("POST", f"stores/{user_id}/orders", {})
    (streamed,) = (each for each in listening.wait_for(2) if "/orders/" in each.path)
    assert streamed.headers["X-Alloy-BlockName"] == header
    check_signature(sandbox, listening, streamed)


def test_what_is_not_taken_is_sent_again_the_same(
    sandbox: Sandbox, installed_user: str, listening: Receiver, wait_until: Wait
) -> None:
    listening.statuses = [500, 302, 200]
    sandbox.control("POST", f"stores/{installed_user}/orders", {})
    first, second, third = listening.wait_for(3)
    assert first.body == second.body == third.body
    assert first.headers["X-Alloy-Signature"] == third.headers["X-Alloy-Signature"]
    (delivery,) = wait_until(lambda: deliveries(sandbox, "delivered"))
    answers = [attempt["responseStatus"] for attempt in delivery["attempts"]]
    assert answers == [500, 302, 200]


def test_after_three_retries_it_is_given_up_and_the_run_has_failed(
    sandbox: Sandbox, installed_user: str, listening: Receiver, wait_until: Wait
) -> None:
    listening.statuses = [503] * 4
    sandbox.control("POST", f"stores/{installed_user}/orders", {})
    (given_up,) = wait_until(lambda: deliveries(sandbox, "failed"))
    assert len(given_up["attempts"]) == 4
    streamed = listening.wait_for(5)[4]
    assert streamed.path == "/errors/"
    assert json.loads(streamed.body)["error"] == (
        "Stream Data: Request failed with status code 503"
    )
    failed = sandbox.get(f"/workflows/{ORDER_CREATED}/logs", error="true")["data"]
    assert [execution["status"] for execution in failed] == ["error"]


def test_a_refused_connection_is_recorded_with_its_reason(
    sandbox: Sandbox, installed_user: str, wait_until: Wait
) -> None:
    sandbox.control("PUT", "destinations", {"orders": "http://127.0.0.1:1/"})
    sandbox.control("POST", f"stores/{installed_user}/orders", {})
    (delivery,) = wait_until(lambda: deliveries(sandbox, "failed"))
    assert delivery["attempts"][0]["responseStatus"] is None
    assert "ConnectionError" in delivery["attempts"][0]["error"]


def test_a_delivery_can_be_sent_again(
    sandbox: Sandbox, user_id: str, listening: Receiver, wait_until: Wait
) -> None:
    sandbox.install(user_id)
    (delivery,) = wait_until(lambda: deliveries(sandbox, "delivered"))
    sandbox.control("POST", f"webhooks/{delivery['id']}/redeliver")
    first, again = listening.wait_for(2)
    assert first.body == again.body
    (delivery,) = wait_until(lambda: deliveries(sandbox, "delivered"))
    assert len(delivery["attempts"]) == 2


def test_the_destinations_can_be_changed_one_by_one(sandbox: Sandbox) -> None:
    sandbox.control("PUT", "destinations", {"orders": "https://a.example/"})
    told = sandbox.control("GET", "destinations")
    assert told == {"installations": "", "orders": "https://a.example/", "errors": ""}
    sandbox.control("POST", "reset")
    assert sandbox.control("GET", "destinations")["orders"] == ""


def test_after_a_rotation_the_new_key_signs_and_is_served(
    sandbox: Sandbox, user_id: str, listening: Receiver
) -> None:
    pem = f"{sandbox.origin}/security/alloy_public_key.pem"
    before = sandbox.session.get(pem, timeout=20).text
    assert sandbox.control("POST", "signing-key")["publicKey"] != before
    sandbox.install(user_id)
    check_signature(sandbox, listening, listening.wait_for(1)[0])
