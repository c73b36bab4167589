"""What changes users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from pydantic import Field, ValidationError

from alloy_sandbox.core.environments import DEVELOPMENT, environment
from alloy_sandbox.core.errors import BadRequest, UsernameTaken
from alloy_sandbox.core.http import Body
from alloy_sandbox.core.models import User
from alloy_sandbox.core.preferences import preferences
from alloy_sandbox.core.selectors import all_users

LARGEST_BATCH = 1000


class NewUser(Body):
    """A user to be created; the username is required and unique."""

    username: str = Field(min_length=1, max_length=255)
    full_name: str | None = Field(None, max_length=255)


class UserChanges(Body):
    """What may be changed of a user; absent keys stay as they are."""

    username: str | None = Field(None, min_length=1, max_length=255)
    full_name: str | None = Field(None, max_length=255)


def create_user(*, new: NewUser) -> User:
    """Create a user; raises `UsernameTaken`."""
    return _save(_made(new))


def update_user(*, user: User, changes: UserChanges) -> User:
    """Change a user; raises `UsernameTaken`."""
    for name, value in changes.model_dump(exclude_none=True).items():
        setattr(user, name, value)
    return _save(user)


@transaction.atomic
def create_users(*, entries: Sequence[Any]) -> list[Any]:
    """Create a batch of at most 1000 users and return the entries that were not accepted.

    Those without a username, with one that is taken, or that occurs earlier in the batch. Raises
    `BadRequest` for a batch that is too large or in which no entry is valid.
    """
    if len(entries) > LARGEST_BATCH:
        raise BadRequest(f"At most {LARGEST_BATCH} users can be created at once")
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
    if not accepted:
        raise BadRequest("No valid users provided")
    User.objects.bulk_create(accepted)
    return invalid


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
