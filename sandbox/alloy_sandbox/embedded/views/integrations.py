from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from alloy_sandbox.core.authentication import acting_user
from alloy_sandbox.core.middleware import api_version
from alloy_sandbox.core.models import Installation, Integration, User
from alloy_sandbox.core.selectors import find_integration
from alloy_sandbox.embedded.shapes import integration_json


def listing(request: HttpRequest) -> HttpResponse:
    """Every released integration, with the state of the user who is named or whose JWT it is."""
    copies = copies_of(acting_user(request, request.GET.get("userId")))
    version = api_version(request)
    integrations = Integration.objects.prefetch_related("workflows__releases")
    data = [integration_json(integration, copies, version) for integration in integrations]
    return JsonResponse({"data": data})


def detail(request: HttpRequest, integration_id: str) -> HttpResponse:
    copies = copies_of(acting_user(request, request.GET.get("userId")))
    integration = find_integration(integration_id)
    return JsonResponse({"data": integration_json(integration, copies, api_version(request))})


def copies_of(user: User) -> dict[str, Installation]:
    """Return the user's installations by the id of the workflow that they are copies of."""
    return {each.workflow_id: each for each in user.installations.all()}
