"""Faults in the services' own words: Notion's rate limit looks other than HubSpot's."""

from __future__ import annotations

import json
from typing import Any

from alloy_sandbox.connectivity.connector import Connector
from alloy_sandbox.connectivity.errors import Json, ProviderError, UnknownAction, error_json
from alloy_sandbox.control.bodies import FaultBody
from alloy_sandbox.core import ids
from alloy_sandbox.core.http import parse
from alloy_sandbox.core.models import Fault


def _passed_on(error: ProviderError) -> Json:
    """Return the service's answer as Alloy passes it on: one with the status 200 is a success."""
    if error.status >= 400:
        return error_json(error)
    return {
        "executionId": ids.execution_id(),
        "status": "completed",
        "responseData": error.details,
    }


def add_failure(*, connector: Connector, status: int, reason: str = "", **how: Any) -> Fault:
    """Let executions fail with this status of the service, passed on as Alloy passes it on.

    `how`: the keys of a fault that say how often, and `retryAfter`. Raises `BadRequest` for a wrong
    one, `UnknownAction` for a connector whose service is not imitated.
    """
    if connector.failure is None:
        raise UnknownAction(f"The sandbox has {connector.name} by name only: it cannot fail")
    failure = {
        **how,
        "path": f"/connectors/{connector.id}/actions/*/execute",
        "method": "POST",
        "status": status,
        "body": json.dumps(_passed_on(connector.failure(status, reason))),
    }
    fault = parse(FaultBody, failure).as_fault()
    fault.save()
    return fault
