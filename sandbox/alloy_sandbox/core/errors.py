"""Alloy's refusals: one class per kind, with the status and the message that its API answers.

Alloy documents few error bodies. All of its own clients read a top-level `message`, so every error
has one. 422 is used for refusals of what was well formed, because those clients single it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class AlloyError(Exception):
    """Base of all refusals; answered as `{"message": ...}`."""

    status = 500
    message = "Internal server error"
    headers: Mapping[str, str] = {}

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.message
        super().__init__(self.message)


class BadRequest(AlloyError):
    """Something required is missing or has the wrong form; `field` names what, if it has a name."""

    status = 400
    message = "Bad request"

    def __init__(self, message: str | None = None, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Unauthorized(AlloyError):
    """No key, or not one of the sandbox's."""

    status = 401
    message = "Unauthorized"


class InvalidToken(Unauthorized):
    """A user's JWT that was not made here, or whose user is gone."""


class ExpiredToken(Unauthorized):
    """A user's JWT that has run out."""

    message = "Unauthorized: the token has expired"


class NotFound(AlloyError):
    """Nothing has that id. Takes the name of the thing: `NotFound("User")`."""

    status = 404

    def __init__(self, thing: str) -> None:
        super().__init__(f"{thing} not found")


class UnknownEvent(NotFound):
    """A custom event that the catalogue does not have. Takes its name."""

    def __init__(self, name: str) -> None:
        super().__init__("Event")
        self.message += (
            f": {name[:200]!r} is not declared. Name it in the file of --seed, or declare it by"
            ' POST /_sandbox/catalogue {"events": [{"name": ..., "body": {...}}]}'
        )


class MethodNotAllowed(AlloyError):
    """The path exists, for other methods."""

    status = 405

    def __init__(self, method: str | None, allowed: Iterable[str]) -> None:
        super().__init__(f"{method} is not allowed here")
        self.headers = {"Allow": ", ".join(allowed)}


class Refused(AlloyError):
    """Well formed, but against the rules: an upgrade with new fields, a link used twice."""

    status = 422


class UsernameTaken(Refused):
    """A user has that name already. Alloy does not document the status, hence it can be chosen."""

    message = "Username already exists"

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status
