"""A catalogue of one's own: from a file at the start, or by control calls."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from alloy_sandbox.core.catalogue import Catalogue, read
from alloy_sandbox.testing import running
from tests.conftest import Json, Sandbox
from tests.test_commands import start

OWN = """
events:
  - {name: Invoice Paid, description: A customer paid., body: {invoiceId: String, amount: 1}}
integrations:
  - app: Xero
    connector: xero
    oauth: true
    workflows:
      - name: Book a paid invoice
        event: Invoice Paid
        fields: [account, {name: rate, type: number}, {name: list, options: [My list]}]
      - name: New contacts
connectors:
  - id: warehouse
    name: Warehouse
    categories: [logistics]
    authentication: apiKey
    data: {apiKey: Your key}
    actions:
      - {id: createParcel, body: {weight: In grams, "note?": For the driver}, answer: {parcel: 7}}
"""
INVOICE = {"name": "Invoice Paid", "body": {"invoiceId": "String"}}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> object:
    file = tmp_path_factory.mktemp("own") / "catalogue.yaml"
    file.write_text(OWN)
    with running("--seed", str(file)) as origin:
        yield Sandbox(origin)


def test_it_begins_with_what_the_file_declares_and_goes_back_to_it(own: Sandbox) -> None:
    own.control("POST", "catalogue", {"events": [{"name": "Another"}]})
    own.control("POST", "reset")
    user_id = own.new_user()
    (xero,) = own.get("/integrations", userId=user_id)["data"]
    assert (xero["app"], len(xero["workflows"])) == ("Xero", 2)
    assert [block["type"] for block in xero["workflows"][0]["blocks"]] == ["customEvent", "xero"]
    assert [event["name"] for event in own.get("/events")["data"]] == ["Invoice Paid"]
    own.install(user_id, xero["integrationId"])
    body = {"event": "Invoice Paid", "userId": user_id, "data": {"invoiceId": "1"}}
    own.send("POST", "/run/event", body)
    logs = own.get(f"/workflows/{xero['workflows'][0]['workflowId']}/logs")["data"]
    assert [each["status"] for each in logs] == ["success"]


def test_an_action_that_was_declared_takes_what_it_says_and_answers(own: Sandbox) -> None:
    own.control("POST", "reset")
    user_id = own.new_user()
    body = {"connectorId": "warehouse"}
    credential = own.control("POST", f"connections/{user_id}", body)["credentialId"]
    path = "/connectors/warehouse/actions/createParcel/execute"
    sent = {"credentialId": credential, "requestBody": {"weight": 5, "other": 1}}
    assert own.send("POST", path, sent)["responseData"] == {"parcel": 7}
    refused = own.call("POST", path, {"credentialId": credential, "requestBody": {}})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "ACTION_FAILED")


def test_an_event_that_nobody_declared_is_refused_and_the_error_says_what_to_do(
    sandbox: Sandbox, user_id: str
) -> None:
    body = {"event": "Invoice Paid", "userId": user_id, "data": {}}
    refused = sandbox.call("POST", "/run/event", body)
    assert refused.status_code == 404
    assert "/_sandbox/catalogue" in refused.json()["message"]
    sandbox.control("POST", "catalogue", {"events": [INVOICE]})
    assert sandbox.call("POST", "/run/event", body).status_code == 200


def test_what_is_declared_is_what_can_be_declared(sandbox: Sandbox) -> None:
    told: Json = sandbox.control("GET", "catalogue")
    sandbox.control("PUT", "catalogue", told)
    assert sandbox.control("GET", "catalogue") == told
    sandbox.control("PUT", "catalogue", {"events": [INVOICE]})
    assert sandbox.control("GET", "catalogue")["integrations"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("integrations: [{app: X}]", "integrations.0.connector: Field required"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_file_that_is_no_catalogue_is_said_to_be_none(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "own.yaml").write_text(text)
    with pytest.raises(ValueError, match=re.escape(said)):
        read(tmp_path / "own.yaml")


def test_it_does_not_start_with_what_makes_no_sense(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("integrations: [{app: X, connector: x, workflows: [{name: W, event: E}]}]")
    code, said = start("--port", "0", "--seed", str(file))
    assert (code, "started by E" in said) == (1, True), said


@pytest.mark.parametrize(
    "catalogue",
    [
        {"events": [{"name": "A"}, {"name": "A"}]},
        {
            "integrations": [
                {"app": "A", "connector": each, "workflows": [{"name": "w"}]} for each in "xy"
            ]
        },
        {
            "integrations": [
                {"app": "A", "connector": "x", "workflows": [{"name": "w"}, {"name": "w"}]}
            ]
        },
        {"connectors": [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}]},
    ],
)
def test_what_is_declared_twice_at_once_is_refused(catalogue: Json) -> None:
    with pytest.raises(ValidationError, match="is declared twice"):
        Catalogue.model_validate(catalogue)
