"""Carrying an action out, always in the same way, whatever the service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from pydantic import ConfigDict, ValidationError

from alloy_sandbox.connectivity.connector import Action, Connector
from alloy_sandbox.connectivity.errors import ConnectivityError, Json
from alloy_sandbox.core.errors import BadRequest
from alloy_sandbox.core.http import Body
from alloy_sandbox.core.models import Account, Credential, User
from alloy_sandbox.core.selectors import all_users

OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}")


class Call(Body):
    """What `execute` accepts. Headers come under either of two names; unknown keys are ignored."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    credential_id: str
    request_body: dict[str, Any] | None = None
    query_parameters: dict[str, Any] | None = None
    path_params: dict[str, str] | None = None
    additional_headers: dict[str, Any] | None = None
    headers: dict[str, Any] | None = None


@transaction.atomic
def execute(*, connector: Connector, action: Action, call: Call, user: User | None) -> Json:
    """Run the action on the account behind the credential; return the service's JSON.

    Raises `ConnectivityError` for what Alloy refuses, `ProviderError` for what the service does.
    """
    account = _account(connector, call.credential_id, user)
    given: dict[str, Any] = {
        name: _path_parameter(call.path_params or {}, name) for name in action.path_parameters
    }
    connector.check(call.request_body or {})
    try:
        if action.body:
            given["body"] = action.body.model_validate(call.request_body or {})
        if action.query:
            given["query"] = action.query.model_validate(call.query_parameters or {})
    except ValidationError as error:
        raise connector.refuse(error) from error
    return action.run(account, **given)


def _account(connector: Connector, credential_id: str, user: User | None) -> Account:
    """Return what the credential opens; one of another user or connector is as good as none."""
    if not OBJECT_ID.fullmatch(credential_id):
        raise BadRequest("credentialId must be a valid ID", "credentialId")
    found = Credential.objects.filter(
        pk=credential_id.lower(),
        type=connector.credential_type,
        account__isnull=False,
        user__in=all_users(),
    )
    if user is not None:
        found = found.filter(user=user)
    credential = found.select_related("account").first()
    if credential is None or credential.account is None:
        raise ConnectivityError("Credential not found")
    return credential.account


def _path_parameter(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise BadRequest(f"pathParams.{name} is required", f"pathParams.{name}")
    return given[name]
