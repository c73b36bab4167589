"""Users, their tokens, their logs, and links for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from alloy_sandbox.core.http import Body
from alloy_sandbox.core.models import Execution, User
from alloy_sandbox.core.operations import Json, operation
from alloy_sandbox.core.selectors import all_users, find_integration, find_user, find_workflow
from alloy_sandbox.core.tokens import make_user_token
from alloy_sandbox.embedded import users
from alloy_sandbox.embedded.services import make_link, set_active
from alloy_sandbox.embedded.shapes import user_json


class Batch(Body):
    """Users to be made; what is none is answered as invalid."""

    users: list[Any]


class UsersQuery(Body):
    """All users, or those of one workflow."""

    parent_workflow_id: str = ""


@operation()
def create(request: HttpRequest, body: users.NewUser) -> Json:
    user = users.create_user(new=body)
    return {"userId": user.user_id}


@operation()
def create_batch(request: HttpRequest, body: Batch) -> Json:
    invalid = users.create_users(entries=body.users)
    return {"message": "success", "invalidUsers": invalid}


@operation()
def listing(request: HttpRequest, query: UsersQuery) -> HttpResponse:
    found = all_users()
    if query.parent_workflow_id:
        workflow = find_workflow(query.parent_workflow_id)
        found = found.filter(installations__workflow=workflow)
    return HttpResponse(_written(found), content_type="application/json")


def _written(found: QuerySet[User]) -> Iterator[str]:
    """Write the list user by user: an ISV may have a hundred thousand."""
    comma = ""
    yield '{"data": ['
    for user in found.iterator():
        yield comma + json.dumps(user_json(user))
        comma = ", "
    yield "]}"


@operation()
def detail(request: HttpRequest, user_id: str) -> Json:
    return user_json(find_user(user_id))


@operation()
def update(request: HttpRequest, user_id: str, body: users.UserChanges) -> Json:
    return user_json(users.update_user(user=find_user(user_id), changes=body))


@operation()
def delete(request: HttpRequest, user_id: str) -> Json:
    """Remove the account with its installations and credentials; its logs stay."""
    with transaction.atomic():
        find_user(user_id).delete()
    return {"success": True}


@operation()
def token(request: HttpRequest, user_id: str) -> Json:
    return {"token": make_user_token(find_user(user_id))}


@operation()
def deactivate_workflows(request: HttpRequest, user_id: str) -> Json:
    set_active(installations=find_user(user_id).installations.all(), active=False)
    return {"message": "Success"}


@operation()
def delete_logs(request: HttpRequest, user_id: str) -> Json:
    """Empty the user's executions for good; the counts of the analytics stay."""
    Execution.objects.filter(user=find_user(user_id), purged_at=None).update(
        purged_at=timezone.now(), inputs=[], results=[], error=""
    )
    return {"message": "Success"}


@operation()
def install_url(request: HttpRequest, user_id: str, integration_id: str) -> Json:
    _, url = make_link(user=find_user(user_id), integration=find_integration(integration_id))
    return {"url": url}
