"""Credentials and the apps they are for, under the paths of all three generations of the API."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from pydantic import Field

from alloy_sandbox.core.access import all_users, find_user
from alloy_sandbox.core.api import Body, Json
from alloy_sandbox.core.errors import BadRequest, NotFound, Refused
from alloy_sandbox.core.middleware import api_version
from alloy_sandbox.core.models import Credential, Integration, User
from alloy_sandbox.core.selectors import find_app
from alloy_sandbox.embedded import api
from alloy_sandbox.embedded.installing import connect
from alloy_sandbox.embedded.shapes import (
    CONNECTORS_SINCE,
    credential_json,
    credential_metadata_json,
)


class NewCredential(Body):
    type: str = Field(min_length=1, max_length=100)
    data: Json = Field(default_factory=dict)


class CredentialQuery(Body):
    connector_id: str = ""


class OAuthQuery(Body):
    """What else the app needs, such as a shop's name, is handed on."""

    user_id: str
    app: str


class CredentialBody(Body):
    """2023-12 names the user in the path, later versions in the body."""

    credential: NewCredential
    user_id: str | None = None


@api.get("users/<user_id>/credentials", "credentials/users/<user_id>")
def list_credentials(request: HttpRequest, user_id: str, query: CredentialQuery) -> Json:
    credentials = find_user(user_id).credentials.all()
    if connector := query.connector_id:
        credentials = credentials.filter(Q(type=connector) | Q(type__startswith=f"{connector}-"))
    listed = [credential_json(each) for each in credentials]
    if api_version(request) >= CONNECTORS_SINCE:
        listed = [{**each, "connectorId": None} for each in listed]  # never filled in; go by type
    return {"data": listed}


@api.post("users/<user_id>/credentials", "headless/credentials")
def create_credential(body: CredentialBody, user_id: str | None = None) -> Json:
    named = user_id or body.user_id
    if not named:
        raise BadRequest("userId is required")
    user = find_user(named)
    credential = connect(
        user=user,
        type=body.credential.type,
        name=f"{body.credential.type} {user.username}",
        data=body.credential.data,
    )
    return {"success": True, "credentialId": credential.credential_id}


@api.delete("users/<user_id>/credentials/<name>")
def delete_credential(user_id: str, name: str) -> Json:
    deleted, _ = Credential.objects.filter(user=find_user(user_id), pk=name).delete()
    if not deleted:
        raise NotFound("Credential")
    return {"success": True}


@api.get("credentials", "metadata/credentials")
def list_metadata() -> Json:
    return {"data": [credential_metadata_json(each) for each in Integration.objects.all()]}


@api.get("metadata/credentials/<name>")
def get_metadata(name: str) -> Json:
    return {"data": credential_metadata_json(find_app(name))}


@api.get("credentials/<name>")
def get_credential_or_metadata(name: str) -> Json:
    """The credential of that id; formerly what an app of that name asks for."""
    found = Credential.objects.filter(pk=name, user__in=all_users()).first()
    if found is not None:
        return {"data": credential_json(found)}
    return {"data": credential_metadata_json(find_app(name))}


@api.get("users/<user_id>/credentials/<name>")
def get_oauth_url(request: HttpRequest, user_id: str, name: str) -> Json:
    return _oauth_url(request, find_user(user_id), name)


@api.get("headless/oauthUrl")
def get_headless_oauth_url(request: HttpRequest, query: OAuthQuery) -> Json:
    return _oauth_url(request, find_user(query.user_id), query.app)


def _oauth_url(request: HttpRequest, user: User, name: str) -> Json:
    """Answer in both documented shapes; what else the app needs is handed on in the query."""
    app = find_app(name)
    if not app.is_oauth:
        raise Refused(f"{app.app} does not use OAuth; create a credential instead")
    extra = {key: value for key, value in request.GET.items() if key not in ("userId", "app")}
    query = urlencode({"userId": user.user_id, **extra})
    url = f"{settings.SANDBOX_ORIGIN}/api/strategy/{app.connector}/authorize?{query}"
    return {"oauthUrl": url, "data": {"oauthUrl": url}}
