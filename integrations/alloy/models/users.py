"""Answers about end users: one per tenant of ours."""

from __future__ import annotations

from pydantic import SecretStr

from integrations.alloy.models.fields import Answered, Identifier, Message, Name


class UserId(Answered):
    """The answer to creating or changing a user: nothing but the id Alloy gave it."""

    user_id: Identifier


class User(Answered):
    """An end user. ``username`` is ours and unique; Alloy leaves out what was never set."""

    user_id: Identifier
    username: Name = ""
    full_name: Name = ""


class ListedUser(Answered):
    """One of all users. ``username`` exactly as it is: to compare, where a `User`'s is to show."""

    user_id: Identifier
    username: str = ""


class RejectedUser(Answered):
    """A user of a batch that was not created: no username, or one that is taken.

    ``username`` is exactly what was sent.
    """

    username: str = ""
    full_name: Name = ""


class BatchResult(Answered):
    """The answer to creating many users. It carries no ids: list the users to learn them."""

    message: Message = ""
    invalid_users: tuple[RejectedUser, ...]


class UserToken(Answered):
    """A JWT that lets the browser act as one user for 30 to 60 minutes. Never parse or log it."""

    token: SecretStr
