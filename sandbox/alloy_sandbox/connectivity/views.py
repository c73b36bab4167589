"""Connectors, their actions, credentials and executions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from pydantic import Field

from alloy_sandbox.connectivity import credentials, shapes
from alloy_sandbox.connectivity.catalogue import connectors as all_connectors
from alloy_sandbox.connectivity.catalogue import find_action, find_connector
from alloy_sandbox.connectivity.connector import Connector
from alloy_sandbox.connectivity.errors import UnknownAuthentication
from alloy_sandbox.connectivity.execution import OBJECT_ID, Call, execute
from alloy_sandbox.core import ids
from alloy_sandbox.core.errors import BadRequest
from alloy_sandbox.core.http import Body
from alloy_sandbox.core.models import User
from alloy_sandbox.core.operations import Json, operation
from alloy_sandbox.core.preferences import preferences
from alloy_sandbox.core.selectors import find_user
from alloy_sandbox.core.values import is_web_address


class NewCredential(Body):
    """`data` is what the connector asks for besides, such as a shop's name."""

    user_id: str
    authentication_type: str
    redirect_uri: str | None = None
    auth_config_id: str | None = None
    data: dict[str, Any] = Field(default_factory=dict)


def acting_user(request: HttpRequest) -> User | None:
    """Return whom `x-alloy-userid` names; without it the key's own user acts, who has nothing."""
    named = request.headers.get("x-alloy-userid")
    return find_user(named) if named else None


@operation()
def connectors(request: HttpRequest) -> Json:
    return {"connectors": [shapes.connector_json(each) for each in all_connectors().values()]}


@operation()
def resources(request: HttpRequest, connector_id: str) -> Json:
    return {"resources": shapes.resources_json(find_connector(connector_id))}


@operation()
def actions(request: HttpRequest, connector_id: str) -> Json:
    found = find_connector(connector_id).actions
    return {"actions": [shapes.action_in_list_json(each) for each in found]}


@operation()
def action(request: HttpRequest, connector_id: str, action_id: str) -> Json:
    connector = find_connector(connector_id)
    found = find_action(connector, action_id)
    return {"action": shapes.action_json(found, connector.headers)}


@operation()
def run_action(request: HttpRequest, connector_id: str, action_id: str, body: Call) -> Json:
    """Answer in the form seen live or, where that is preferred, in the documented one."""
    connector = find_connector(connector_id)
    result = execute(
        connector=connector,
        action=find_action(connector, action_id),
        call=body,
        user=acting_user(request),
    )
    if preferences().execute_form == "documented":
        return {"success": True, "result": result}
    return {"executionId": ids.execution_id(), "status": "completed", "responseData": result}


@operation()
def credential_metadata(request: HttpRequest, connector_id: str) -> Json:
    return {"metadata": [shapes.metadata_json(find_connector(connector_id))]}


@operation()
def list_credentials(request: HttpRequest, connector_id: str) -> Json:
    connector = find_connector(connector_id)
    user = acting_user(request)
    found = credentials.credentials_of(connector, user) if user else []
    return {"credentials": [shapes.credential_json(each) for each in found]}


@operation()
def create_credential(request: HttpRequest, connector_id: str, body: NewCredential) -> Json:
    """Answer where to send the user's browser; the credential comes to be once they allow it.

    Where nothing is to be asked, as with an API key, the credential is made at once.
    """
    connector = find_connector(connector_id)
    user = _user(body.user_id)
    _check_input(connector, body)
    if body.redirect_uri is not None and connector.authentication == "oauth2":
        url = credentials.ask_consent(
            user=user, connector=connector, redirect_uri=body.redirect_uri, data=body.data
        )
        return {"oauthUrl": url}
    made = credentials.connect_account(
        user=user, connector=connector, name=connector.accounts_for(body.data)[0], data=body.data
    )
    return {"credentialId": made.credential_id}


@operation()
def delete_credential(request: HttpRequest, connector_id: str, credential_id: str) -> Json:
    connector, user = find_connector(connector_id), acting_user(request)
    credentials.revoke(
        credentials=credentials.credentials_of(connector, user), credential_id=credential_id
    )
    return {"success": True}


def _user(user_id: str) -> User:
    if not OBJECT_ID.fullmatch(user_id):
        raise BadRequest("userId must be a valid ID", "userId")
    return find_user(user_id)


def _check_input(connector: Connector, body: NewCredential) -> None:
    if body.authentication_type != connector.authentication:
        raise UnknownAuthentication(
            f"{connector.name} has no authenticationType '{body.authentication_type}'; "
            f"it has '{connector.authentication}'"
        )
    if connector.authentication == "oauth2":
        _check_redirect_uri(body.redirect_uri)
    if connector.auth_config_required and not body.auth_config_id:
        raise BadRequest("authConfigId is required", "authConfigId")
    for name in connector.data_fields:
        if not body.data.get(name):
            raise BadRequest(f"data.{name} is required", f"data.{name}")


def _check_redirect_uri(uri: str | None) -> None:
    """The address is returned to as it stands, so it must be fit for a header as it stands."""
    if not uri:
        raise BadRequest("redirectUri is required", "redirectUri")
    if not is_web_address(uri):
        raise BadRequest("redirectUri must be an absolute http or https URL", "redirectUri")
