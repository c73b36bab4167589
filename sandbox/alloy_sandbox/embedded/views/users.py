"""Users, their tokens, their logs, and links for them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from alloy_sandbox.core.authentication import require_key
from alloy_sandbox.core.errors import BadRequest
from alloy_sandbox.core.http import parse_body, read_json
from alloy_sandbox.core.models import Execution, User
from alloy_sandbox.core.selectors import find_integration, find_user, find_workflow
from alloy_sandbox.core.tokens import make_user_token
from alloy_sandbox.embedded import users
from alloy_sandbox.embedded.services import make_link, set_active
from alloy_sandbox.embedded.shapes import user_json


@require_key
def create(request: HttpRequest) -> HttpResponse:
    user = users.create_user(new=parse_body(request, users.NewUser))
    return JsonResponse({"userId": user.user_id})


@require_key
def create_batch(request: HttpRequest) -> HttpResponse:
    entries = read_json(request).get("users")
    if not isinstance(entries, list):
        raise BadRequest("users must be a list")
    invalid = users.create_users(entries=entries)
    return JsonResponse({"message": "success", "invalidUsers": invalid})


@require_key
def listing(request: HttpRequest) -> HttpResponse:
    found = User.objects.all()
    if parent := request.GET.get("parentWorkflowId"):
        found = found.filter(installations__workflow=find_workflow(parent))
    return HttpResponse(_written(found), content_type="application/json")


def _written(found: QuerySet[User]) -> Iterator[str]:
    """Write the list user by user: an ISV may have a hundred thousand."""
    comma = ""
    yield '{"data": ['
    for user in found.iterator():
        yield comma + json.dumps(user_json(user))
        comma = ", "
    yield "]}"


@require_key
def detail(request: HttpRequest, user_id: str) -> HttpResponse:
    return JsonResponse(user_json(find_user(user_id)))


@require_key
def update(request: HttpRequest, user_id: str) -> HttpResponse:
    user = find_user(user_id)
    changes = parse_body(request, users.UserChanges)
    return JsonResponse(user_json(users.update_user(user=user, changes=changes)))


@require_key
def delete(request: HttpRequest, user_id: str) -> HttpResponse:
    """Remove the account with its installations and credentials; its logs stay."""
    with transaction.atomic():
        find_user(user_id).delete()
    return JsonResponse({"success": True})


@require_key
def token(request: HttpRequest, user_id: str) -> HttpResponse:
    return JsonResponse({"token": make_user_token(find_user(user_id))})


@require_key
def deactivate_workflows(request: HttpRequest, user_id: str) -> HttpResponse:
    set_active(installations=find_user(user_id).installations.all(), active=False)
    return JsonResponse({"message": "Success"})


@require_key
def delete_logs(request: HttpRequest, user_id: str) -> HttpResponse:
    """Empty the user's executions for good; the counts of the analytics stay."""
    Execution.objects.filter(user=find_user(user_id), purged_at=None).update(
        purged_at=timezone.now(), inputs=[], results=[], error=""
    )
    return JsonResponse({"message": "Success"})


@require_key
def install_url(request: HttpRequest, user_id: str, integration_id: str) -> HttpResponse:
    _, url = make_link(user=find_user(user_id), integration=find_integration(integration_id))
    return JsonResponse({"url": url})
