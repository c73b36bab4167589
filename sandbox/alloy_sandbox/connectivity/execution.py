"""Carrying an action out, always in the same way, whatever the service; and letting it fail."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from django.db import transaction
from django.http import HttpRequest
from pydantic import ConfigDict, Field, ValidationError

from alloy_sandbox.connectivity import api
from alloy_sandbox.connectivity.connectors import find_action, find_connector
from alloy_sandbox.connectivity.credentials import OBJECT_ID, user_in_header
from alloy_sandbox.connectivity.service import IN_PATH, Action, Refusal, Service
from alloy_sandbox.core import ids
from alloy_sandbox.core.access import all_users
from alloy_sandbox.core.api import Body, Json, parse
from alloy_sandbox.core.errors import BadRequest, UnknownAction
from alloy_sandbox.core.faults import FaultBody
from alloy_sandbox.core.models import Account, Credential, Fault, User
from alloy_sandbox.core.preferences import preferences


class Call(Body):
    """What `execute` accepts. Headers come under either of two names; unknown keys are ignored."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    credential_id: str
    request_body: Json | None = None
    query_parameters: Json | None = None
    path_params: dict[str, str] | None = None
    additional_headers: Json | None = None
    headers: Json | None = None


class PassthroughQuery(Body):
    credential_id: str


class PassthroughBody(Body):
    """A call to the service, as its own documents have it."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: str = Field(max_length=2000)
    body: Json | None = None
    query: Json | None = None
    extra_headers: Json | None = None


@api.post("connectors/<connector_id>/actions/<action_id>/execute")
def run_action(request: HttpRequest, connector_id: str, action_id: str, body: Call) -> Json:
    """Answer in the form seen live or, where that is preferred, in the documented one."""
    connector = find_connector(connector_id)
    action = find_action(connector, action_id)
    result = execute(connector, action, body, user_in_header(request))
    if preferences().execute_form == "documented":
        return {"success": True, "result": result}
    return _live(result)


@api.post("passthrough")
def passthrough(query: PassthroughQuery, body: PassthroughBody) -> Json:
    """Call one of the endpoints that the connector's actions have, by its method and path."""
    credential = Credential.objects.filter(pk=query.credential_id, account__isnull=False).first()
    if credential is None or credential.account is None:
        raise BadRequest("Credential not found")
    connector = find_connector(credential.account.connector)
    action, found = _by_endpoint(connector, body.method, body.path)
    told = {"requestBody": body.body, "queryParameters": body.query, "pathParams": found}
    call = Call.model_validate({"credentialId": query.credential_id, **told})
    return execute(connector, action, call, None)


@transaction.atomic
def execute(connector: Service, action: Action, call: Call, user: User | None) -> Json:
    """Run the action on the account behind the credential; return the service's JSON.

    Raises `BadRequest` for what Alloy refuses, `ServiceError` for what the service does.
    """
    account = _account(connector, call.credential_id, user)
    given: dict[str, Any] = {
        name: _path_parameter(call.path_params or {}, name) for name in action.path_parameters
    }
    sent = {"body": call.request_body or {}, "query": call.query_parameters or {}}
    try:
        connector.check(sent["body"])
        try:
            given |= {
                name: model.model_validate(sent[name]) for name, model in action.takes.items()
            }
        except ValidationError as error:
            raise connector.misunderstood(error) from error
        return connector.answer(action, account, given)
    except Refusal as said:
        raise connector.failure(said.status, said.message, said.reason, **said.more) from said


def _account(connector: Service, credential_id: str, user: User | None) -> Account:
    """Return what the credential opens; one of another user or connector is as good as none."""
    if not OBJECT_ID.fullmatch(credential_id):
        raise BadRequest("credentialId must be a valid ID", "credentialId")
    found = Credential.objects.filter(
        pk=credential_id.lower(),
        type=connector.credential_type,
        account__isnull=False,
        user__in=all_users() if user is None else [user],
    )
    credential = found.select_related("account").first()
    if credential is None or credential.account is None:
        raise BadRequest("Credential not found")
    return credential.account


def _path_parameter(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise BadRequest(f"pathParams.{name} is required", f"pathParams.{name}")
    return given[name]


def _by_endpoint(connector: Service, method: str, path: str) -> tuple[Action, dict[str, str]]:
    """Return the action that has this endpoint, and what stands in the path for its parameters."""
    plain = "/" + path.partition("?")[0].strip("/")
    for action in connector.actions.values():
        found = re.fullmatch(IN_PATH.sub(r"(?P<\1>[^/]+)", action.path), plain)
        if found and action.method == method:
            return action, found.groupdict()
    raise UnknownAction(f"The sandbox has no {method} {plain} of {connector.name}")


def let_fail(connector: Service, status: int, reason: str = "", **how: Any) -> Fault:
    """Let executions fail with this status of the service, passed on as Alloy passes it on.

    `how`: the keys of a fault that say how often, and `retryAfter`. Raises `BadRequest` for a wrong
    one, `UnknownAction` for a connector whose service is not imitated.
    """
    if not connector.actions:
        raise UnknownAction(f"The sandbox has {connector.name} by name only: it cannot fail")
    error = connector.failure(status, reason=reason)
    # Slack says most of what is wrong with the status 200: a success, to Alloy.
    passed_on = error.as_json(connectivity=True) if status >= 400 else _live(error.details)
    failure = {
        **how,
        "path": f"/connectors/{connector.id}/actions/*/execute",
        "method": "POST",
        "status": status,
        "body": json.dumps(passed_on),
    }
    fault = parse(FaultBody, failure).as_fault()
    fault.save()
    return fault


def _live(result: Json) -> Json:
    return {"executionId": ids.execution_id(), "status": "completed", "responseData": result}
