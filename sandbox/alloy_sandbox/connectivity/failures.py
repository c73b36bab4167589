"""Faults in the services' own words: Notion's rate limit looks other than HubSpot's."""

from __future__ import annotations

import json
from typing import Any

from alloy_sandbox.connectivity.connector import Connector
from alloy_sandbox.connectivity.errors import UnknownAction, error_json
from alloy_sandbox.control.bodies import FaultBody
from alloy_sandbox.core.http import parse
from alloy_sandbox.core.models import Fault


def add_failure(*, connector: Connector, status: int, **how: Any) -> Fault:
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
        "body": json.dumps(error_json(connector.failure(status))),
    }
    fault = parse(FaultBody, failure).as_fault()
    fault.save()
    return fault
