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


class RejectedUser(Answered):
    """A user of a batch that was not created: no username, or one that is taken."""

    username: Name = ""
    full_name: Name = ""


class BatchResult(Answered):
    """The answer to creating many users. It carries no ids: list the users to learn them."""

    message: Message = ""
    invalid_users: tuple[RejectedUser, ...]


class UserToken(Answered):
    """A JWT that lets the browser act as one user for 30 to 60 minutes. Never parse or log it."""

    token: SecretStr
