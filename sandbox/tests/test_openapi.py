"""The OpenAPI document says what is served: nothing else is answered, whatever is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from alloy_sandbox.core import openapi
from tests.conftest import BIGCOMMERCE, KEY, ORDER_CREATED, Sandbox

CHECKS: Any = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
TABLE = Path(__file__).parents[1] / "docs" / "operations.md"
NAMES = {
    "userId": "gregg",
    "integrationId": BIGCOMMERCE,
    "workflowId": ORDER_CREATED,
    "connectorId": "notion",
    "actionId": "post-search",
}


def test_every_operation_of_alloys_has_its_source_and_its_confidence() -> None:
    paths = {
        f"{each.method} {openapi.plain(each.route)}"
        for each in openapi.served()
        if each.area != "control"
    }
    known = {name for name, facts in openapi.known().items() if not facts.get("missing")}
    assert paths == known


def test_the_table_in_the_docs_is_the_one_that_the_code_makes() -> None:
    assert openapi.table() in TABLE.read_text(), "`alloy-sandbox operations` prints it anew"


schema = schemathesis.openapi.from_dict(openapi.document())


@pytest.fixture(scope="module")
def inhabited(sandbox_process: str) -> Sandbox:
    """Return a sandbox in which there is one of most things."""
    sandbox = Sandbox(sandbox_process)
    sandbox.control("POST", "reset")
    user_id = sandbox.new_user()
    sandbox.install(user_id)
    sandbox.run(user_id, "100", "FULFILLED")
    return sandbox


@schema.parametrize()
@settings(
    max_examples=2,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_the_answer_is_as_described(case: Any, inhabited: Sandbox) -> None:
    for name in NAMES.keys() & case.path_parameters.keys():
        if len(case.path_parameters[name]) % 2:
            case.path_parameters[name] = NAMES[name]
    response = case.call(base_url=inhabited.origin, headers={"Authorization": f"Bearer {KEY}"})
    case.validate_response(response, checks=CHECKS)
