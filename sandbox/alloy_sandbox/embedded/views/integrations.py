from __future__ import annotations

from django.http import HttpRequest

from alloy_sandbox.core.authentication import acting_user
from alloy_sandbox.core.http import UserQuery
from alloy_sandbox.core.middleware import api_version
from alloy_sandbox.core.models import Installation, Integration, User
from alloy_sandbox.core.operations import Json, operation
from alloy_sandbox.core.selectors import find_integration
from alloy_sandbox.embedded.shapes import integration_json


@operation("user")
def listing(request: HttpRequest, query: UserQuery) -> Json:
    """Every released integration, with the state of the user who is named or whose JWT it is."""
    copies = copies_of(acting_user(request, query.user_id))
    version = api_version(request)
    integrations = Integration.objects.prefetch_related("workflows__releases")
    data = [integration_json(integration, copies, version) for integration in integrations]
    return {"data": data}


@operation("user")
def detail(request: HttpRequest, integration_id: str, query: UserQuery) -> Json:
    copies = copies_of(acting_user(request, query.user_id))
    integration = find_integration(integration_id)
    return {"data": integration_json(integration, copies, api_version(request))}


def copies_of(user: User) -> dict[str, Installation]:
    """Return the user's installations by the id of the workflow that they are copies of."""
    return {each.workflow_id: each for each in user.installations.all()}
