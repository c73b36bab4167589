"""The catalogue as a user sees it: integrations, apps, events."""

from __future__ import annotations

from django.http import HttpRequest

from alloy_sandbox.core.access import acting_user
from alloy_sandbox.core.api import Json, UserQuery
from alloy_sandbox.core.middleware import api_version
from alloy_sandbox.core.models import CustomEvent, Integration
from alloy_sandbox.core.selectors import find_integration
from alloy_sandbox.embedded import api
from alloy_sandbox.embedded.shapes import copies_of, integration_json


@api.get("integrations", who="user")
def list_integrations(request: HttpRequest, query: UserQuery) -> Json:
    """Every released integration, with the state of the user who is named or whose JWT it is."""
    copies = copies_of(acting_user(request, query.user_id))
    version = api_version(request)
    integrations = Integration.objects.prefetch_related("workflows__releases")
    return {"data": [integration_json(each, copies, version) for each in integrations]}


@api.get("integrations/<integration_id>", who="user")
def get_integration(request: HttpRequest, integration_id: str, query: UserQuery) -> Json:
    copies = copies_of(acting_user(request, query.user_id))
    integration = find_integration(integration_id)
    return {"data": integration_json(integration, copies, api_version(request))}


@api.get("apps", "metadata/apps")
def list_apps() -> Json:
    apps = Integration.objects.all()
    data = [{"name": app.app, "icon": app.icon_url, "type": app.connector} for app in apps]
    return {"data": data}


@api.get("events")
def list_events() -> Json:
    return {"data": list(CustomEvent.objects.values("name", "description", "body"))}
