"""Users, their tokens, their logs, and links for them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from pydantic import Field, ValidationError

from alloy_sandbox.core.access import (
    DEVELOPMENT,
    all_users,
    environment,
    find_user,
    make_user_token,
)
from alloy_sandbox.core.api import Body, Json
from alloy_sandbox.core.errors import BadRequest, UsernameTaken
from alloy_sandbox.core.models import Execution, User
from alloy_sandbox.core.preferences import preferences
from alloy_sandbox.core.selectors import find_integration, find_workflow
from alloy_sandbox.embedded import api, installing
from alloy_sandbox.embedded.shapes import user_json

LARGEST_BATCH = 1000
USER = ("users/<user_id>", "one/users/<user_id>")


class NewUser(Body):
    """A user to be created; the username is required and unique."""

    username: str = Field(min_length=1, max_length=255)
    full_name: str | None = Field(None, max_length=255)


class UserChanges(Body):
    """What may be changed of a user; absent keys stay as they are."""

    username: str | None = Field(None, min_length=1, max_length=255)
    full_name: str | None = Field(None, max_length=255)


class Batch(Body):
    """Users to be made; what is none is answered as invalid."""

    users: list[Any]


class UsersQuery(Body):
    """All users, or those of one workflow."""

    parent_workflow_id: str = ""


@api.post("users", "one/users")
def create_user(body: NewUser) -> Json:
    return {"userId": _save(_made(body)).user_id}


@api.get("users", "one/users")
def list_users(query: UsersQuery) -> HttpResponse:
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


@api.post("users/batch")
@transaction.atomic
def create_users(body: Batch) -> Json:
    """Create at most 1000 users, and answer the entries that were not accepted.

    Those without a username, with one that is taken, or that occurs earlier in the batch.
    """
    if len(body.users) > LARGEST_BATCH:
        raise BadRequest(f"At most {LARGEST_BATCH} users can be created at once")
    accepted, invalid = _sorted_out(body.users)
    if not accepted:
        raise BadRequest("No valid users provided")
    User.objects.bulk_create(accepted)
    return {"message": "success", "invalidUsers": invalid}


def _sorted_out(entries: Sequence[Any]) -> tuple[list[User], list[Any]]:
    parsed = [_parse_entry(entry) for entry in entries]
    usernames = [new.username for new in parsed if new]
    taken = set(all_users().filter(username__in=usernames).values_list("username", flat=True))
    accepted: list[User] = []
    invalid: list[Any] = []
    for entry, new in zip(entries, parsed, strict=True):
        if new is None or new.username in taken:
            invalid.append(entry)
        else:
            taken.add(new.username)
            accepted.append(_made(new))
    return accepted, invalid


@api.get(*USER)
def get_user(user_id: str) -> Json:
    return user_json(find_user(user_id))


@api.put(*USER)
def update_user(user_id: str, body: UserChanges) -> Json:
    user = find_user(user_id)
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(user, name, value)
    return user_json(_save(user))


@api.delete(*USER)
@transaction.atomic
def delete_user(user_id: str) -> Json:
    """Remove the account with its installations and credentials; its logs stay."""
    find_user(user_id).delete()
    return {"success": True}


@api.get("users/<user_id>/token", "user/<user_id>/token")
def get_token(user_id: str) -> Json:
    return {"token": make_user_token(find_user(user_id))}


@api.put("users/<user_id>/deactivate-workflows")
def deactivate_workflows(user_id: str) -> Json:
    find_user(user_id).installations.update(active=False)
    return {"message": "Success"}


@api.delete("users/<user_id>/logs")
def delete_logs(user_id: str) -> Json:
    """Empty the user's executions for good; the counts of the analytics stay."""
    Execution.objects.filter(user=find_user(user_id), purged_at=None).update(
        purged_at=timezone.now(), inputs=[], results=[], error=""
    )
    return {"message": "Success"}


@api.get("users/<user_id>/integrations/<integration_id>/install-url")
def get_install_url(user_id: str, integration_id: str) -> Json:
    user, integration = find_user(user_id), find_integration(integration_id)
    return {"url": installing.make_link(user=user, integration=integration)[1]}


def _made(new: NewUser) -> User:
    return User(
        environment=environment() or DEVELOPMENT,
        username=new.username,
        full_name=new.full_name or "",
    )


def _parse_entry(entry: Any) -> NewUser | None:
    try:
        return NewUser.model_validate(entry)
    except ValidationError:
        return None


def _save(user: User) -> User:
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise UsernameTaken(preferences().username_taken) from None
    return user
