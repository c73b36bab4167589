"""Connecting accounts, and what that leaves behind: credentials."""

from __future__ import annotations

import re
import secrets
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from pydantic import Field

from alloy_sandbox.connectivity import api
from alloy_sandbox.connectivity.connectors import find_connector
from alloy_sandbox.connectivity.service import Service
from alloy_sandbox.core.access import find_user
from alloy_sandbox.core.api import Body, Json, is_web_address, moment
from alloy_sandbox.core.errors import BadRequest, NotFound, UnknownAuthentication
from alloy_sandbox.core.models import Account, ConsentRequest, Credential, User

OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}")


class NewCredential(Body):
    """`data` is what the connector asks for besides, such as a shop's name."""

    user_id: str
    authentication_type: str
    redirect_uri: str | None = None
    auth_config_id: str | None = None
    data: dict[str, Any] = Field(default_factory=dict)


def user_in_header(request: HttpRequest) -> User | None:
    """Return whom `x-alloy-userid` names; without it the key's own user acts, who has nothing."""
    named = request.headers.get("x-alloy-userid")
    return find_user(named) if named else None


@api.get("connectors/<connector_id>/credentials")
def list_credentials(request: HttpRequest, connector_id: str) -> Json:
    """The user's credentials, the newest last; without `x-alloy-userid` none.

    Which connector one is for shows in its type alone: `connectorId` is null.
    """
    connector, user = find_connector(connector_id), user_in_header(request)
    found = credentials_of(connector, user) if user else []
    data = [
        {
            "credentialId": each.credential_id,
            "name": each.name,
            "type": each.type,
            "connectorId": None,
            "createdAt": moment(each.created_at),
            "updatedAt": moment(each.updated_at),
        }
        for each in found
    ]
    return {"credentials": data}


@api.post("connectors/<connector_id>/credentials")
def create_credential(connector_id: str, body: NewCredential) -> Json:
    """Answer where to send the user's browser; the credential comes to be once they allow it.

    Where nothing is to be asked, as with an API key, the credential is made at once.
    """
    connector = find_connector(connector_id)
    if not OBJECT_ID.fullmatch(body.user_id):
        raise BadRequest("userId must be a valid ID", "userId")
    user = find_user(body.user_id)
    _check_input(connector, body)
    if connector.entry.authentication == "oauth2":
        return {"oauthUrl": ask_consent(user, connector, body.redirect_uri or "", body.data)}
    name = connector.accounts_for(body.data)[0]
    made = connect_account(user=user, connector=connector, name=name, data=body.data)
    return {"credentialId": made.credential_id}


@api.delete("connectors/<connector_id>/credentials/<credential_id>")
def delete_credential(request: HttpRequest, connector_id: str, credential_id: str) -> Json:
    mine = credentials_of(find_connector(connector_id), user_in_header(request))
    revoke(credentials=mine, credential_id=credential_id)
    return {"success": True}


def _check_input(connector: Service, body: NewCredential) -> None:
    entry = connector.entry
    if body.authentication_type != entry.authentication:
        raise UnknownAuthentication(
            f"{entry.name} has no authenticationType '{body.authentication_type}'; "
            f"it has '{entry.authentication}'"
        )
    # The address is returned to as it stands, so it must be fit for a header as it stands.
    if entry.authentication == "oauth2" and not body.redirect_uri:
        raise BadRequest("redirectUri is required", "redirectUri")
    if entry.authentication == "oauth2" and not is_web_address(body.redirect_uri or ""):
        raise BadRequest("redirectUri must be an absolute http or https URL", "redirectUri")
    if entry.auth_config_required and not body.auth_config_id:
        raise BadRequest("authConfigId is required", "authConfigId")
    for name in entry.data:
        if not body.data.get(name):
            raise BadRequest(f"data.{name} is required", f"data.{name}")


def credentials_of(connector: Service, user: User | None) -> QuerySet[Credential]:
    """Return the connector's credentials, the newest last: one user's, or without a user all."""
    found = Credential.objects.filter(type=connector.credential_type)
    return found if user is None else found.filter(user=user)


def ask_consent(user: User, connector: Service, redirect_uri: str, data: Json) -> str:
    """Return the address of a new consent page, to send the user's browser to."""
    asked = ConsentRequest.objects.create(
        token=secrets.token_urlsafe(32),
        user=user,
        connector=connector.id,
        redirect_uri=redirect_uri,
        data=data,
    )
    query = urlencode({"userId": user.user_id, "redirectUri": redirect_uri, "token": asked.token})
    path = f"/api/strategy/connector/{connector.id}/authorize"
    return f"{settings.SANDBOX_ORIGIN}{path}?{query}"


@transaction.atomic
def answer_consent(asked: ConsentRequest, account_name: str | None) -> None:
    """Allow with the chosen account, or deny without one. Only the first answer counts."""
    asked.refresh_from_db()
    if asked.outcome:
        return
    asked.outcome = ConsentRequest.Outcome.DENIED
    if account_name is not None:
        asked.outcome = ConsentRequest.Outcome.ALLOWED
        connector = find_connector(asked.connector)
        connect_account(user=asked.user, connector=connector, name=account_name, data=asked.data)
    asked.save(update_fields=["outcome"])


@transaction.atomic
def connect_account(
    *, user: User, connector: Service, name: str, data: Json | None = None
) -> Credential:
    """Make a credential for the user's account of that name, which comes to life at its first use.

    Connecting the same account again makes another credential for the same contents.
    """
    account, is_new = Account.objects.get_or_create(user=user, connector=connector.id, name=name)
    if is_new:
        connector.furnish(account)
    return Credential.objects.create(
        user=user,
        type=connector.credential_type,
        name=f"{name}'s {connector.name} Credential",
        data=data or {},
        account=account,
    )


def revoke(*, credentials: QuerySet[Credential], credential_id: str) -> None:
    """Delete one of these credentials; what is in its account stays. Raises `NotFound`."""
    deleted, _ = credentials.filter(pk=credential_id).delete()
    if not deleted:
        raise NotFound("Credential")
