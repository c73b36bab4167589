"""Passthrough: an endpoint of the service's own, called with the user's credential."""

from __future__ import annotations

import re
from typing import Any, Literal

from django.http import HttpRequest
from pydantic import Field

from alloy_sandbox.connectivity.catalogue import connectors
from alloy_sandbox.connectivity.connector import IN_PATH, Action, Connector
from alloy_sandbox.connectivity.errors import ConnectivityError, UnknownAction
from alloy_sandbox.connectivity.execution import Call, execute
from alloy_sandbox.core.http import Body
from alloy_sandbox.core.models import Credential
from alloy_sandbox.core.operations import Json, operation


class PassthroughQuery(Body):
    credential_id: str


class PassthroughBody(Body):
    """A call to the service, as its own documents have it."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: str = Field(max_length=2000)
    body: dict[str, Any] | None = None
    query: dict[str, Any] | None = None
    extra_headers: dict[str, Any] | None = None


@operation()
def passthrough(request: HttpRequest, query: PassthroughQuery, body: PassthroughBody) -> Json:
    """Call one of the endpoints that the connector's actions have, by its method and path."""
    connector = _connector(query.credential_id)
    action, found = _action(connector, body.method, body.path)
    told = {"requestBody": body.body, "queryParameters": body.query, "pathParams": found}
    call = Call.model_validate({"credentialId": query.credential_id, **told})
    return execute(connector=connector, action=action, call=call, user=None)


def _connector(credential_id: str) -> Connector:
    credential = Credential.objects.filter(pk=credential_id, account__isnull=False).first()
    known = connectors().values()
    for connector in known:
        if credential and credential.type == connector.credential_type:
            return connector
    raise ConnectivityError("Credential not found")


def _action(connector: Connector, method: str, path: str) -> tuple[Action, dict[str, str]]:
    """Return the action that has this endpoint, and what stands in the path for its parameters."""
    plain = "/" + path.partition("?")[0].strip("/")
    for action in connector.actions:
        found = re.fullmatch(IN_PATH.sub(r"(?P<\1>[^/]+)", action.path), plain)
        if found and action.method == method:
            return action, found.groupdict()
    raise UnknownAction(f"The sandbox has no {method} {plain} of {connector.name}")
