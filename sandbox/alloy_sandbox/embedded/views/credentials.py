"""Credentials and the apps they are for, under the paths of all three generations of the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from pydantic import Field

from alloy_sandbox.core.authentication import require_key
from alloy_sandbox.core.errors import BadRequest, NotFound, Refused
from alloy_sandbox.core.http import Body, parse_body
from alloy_sandbox.core.middleware import api_version
from alloy_sandbox.core.models import Credential, Integration, User
from alloy_sandbox.core.selectors import find_app, find_user
from alloy_sandbox.embedded.services import connect
from alloy_sandbox.embedded.shapes import (
    CONNECTORS_SINCE,
    app_json,
    credential_json,
    credential_metadata_json,
)


class NewCredential(Body):
    type: str = Field(min_length=1, max_length=100)
    data: dict[str, Any] = Field(default_factory=dict)


class CredentialBody(Body):
    """2023-12 names the user in the path, later versions in the body."""

    credential: NewCredential
    user_id: str | None = None


@require_key
def listing(request: HttpRequest, user_id: str) -> HttpResponse:
    credentials = find_user(user_id).credentials.all()
    if connector := request.GET.get("connectorId"):
        credentials = credentials.filter(Q(type=connector) | Q(type__startswith=f"{connector}-"))
    listed = [credential_json(each) for each in credentials]
    if api_version(request) >= CONNECTORS_SINCE:
        listed = [{**each, "connectorId": None} for each in listed]  # never filled in; go by type
    return JsonResponse({"data": listed})


@require_key
def create(request: HttpRequest, user_id: str | None = None) -> HttpResponse:
    body = parse_body(request, CredentialBody)
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
    return JsonResponse({"success": True, "credentialId": credential.credential_id})


@require_key
def delete(request: HttpRequest, user_id: str, name: str) -> HttpResponse:
    deleted, _ = Credential.objects.filter(user=find_user(user_id), pk=name).delete()
    if not deleted:
        raise NotFound("Credential")
    return JsonResponse({"success": True})


@require_key
def metadata_listing(request: HttpRequest) -> HttpResponse:
    data = [credential_metadata_json(each) for each in Integration.objects.all()]
    return JsonResponse({"data": data})


@require_key
def metadata(request: HttpRequest, name: str) -> HttpResponse:
    return JsonResponse({"data": credential_metadata_json(find_app(name))})


@require_key
def apps(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"data": [app_json(each) for each in Integration.objects.all()]})


@require_key
def oauth_url(request: HttpRequest, user_id: str, name: str) -> HttpResponse:
    return _oauth_url(request, find_user(user_id), name)


@require_key
def headless_oauth_url(request: HttpRequest) -> HttpResponse:
    user_id, name = request.GET.get("userId"), request.GET.get("app")
    if not user_id or not name:
        raise BadRequest("userId and app are required")
    return _oauth_url(request, find_user(user_id), name)


def _oauth_url(request: HttpRequest, user: User, name: str) -> HttpResponse:
    """Answer in both documented shapes; what else the app needs is handed on in the query."""
    app = find_app(name)
    if not app.is_oauth:
        raise Refused(f"{app.app} does not use OAuth; create a credential instead")
    extra = {key: value for key, value in request.GET.items() if key not in ("userId", "app")}
    query = urlencode({"userId": user.user_id, **extra})
    url = f"{settings.SANDBOX_ORIGIN}/api/strategy/{app.connector}/authorize?{query}"
    return JsonResponse({"oauthUrl": url, "data": {"oauthUrl": url}})
