"""Alloy's refusals: one class per kind, with the status and the message that its API answers.

Alloy documents few error bodies. All of its own clients read a top-level `message`, so every error
has one. 422 is used for refusals of what was well formed, because those clients single it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

CODES = {
    400: "INVALID_INPUT",
    401: "UNAUTHORIZED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    422: "UNPROCESSABLE",
}


class AlloyError(Exception):
    """Base of all refusals; `code` and `details` are told by the Connectivity API only."""

    status = 500
    message = "Internal server error"
    code = ""
    details: Any = None
    headers: Mapping[str, str] = {}

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.message
        super().__init__(self.message)

    def as_json(self, *, connectivity: bool = False) -> dict[str, Any]:
        """Return the body of the answer.

        The Connectivity API's clients read either `error.code` and `error.message` or the same
        keys at the top: both are sent.
        """
        if not connectivity:
            return {"message": self.message}
        code = self.code or CODES.get(self.status, "ERROR")
        error = {"code": code, "message": self.message}
        error |= {"details": self.details} if self.details else {}
        return {"error": error, "message": self.message, "code": code}


class BadRequest(AlloyError):
    """Something required is missing or has the wrong form; `field` names what, if it has a name."""

    status = 400
    message = "Bad request"

    def __init__(self, message: str | None = None, field: str = "") -> None:
        super().__init__(message)
        if field:
            self.details = [{"message": self.message, "properties": [field]}]


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


class UnknownConnector(AlloyError):
    """No connector has that id; ids are case-sensitive."""

    status = 404
    code = "CONNECTOR_NOT_FOUND"


class UnknownAction(AlloyError):
    """The connector has no such action."""

    status = 404
    code = "ACTION_NOT_FOUND"


class UnknownAuthentication(AlloyError):
    """The connector is not connected to in that way."""

    status = 404
    code = "AUTHENTICATION_NOT_FOUND"


class ServiceError(AlloyError):
    """What the service behind a connector refused: its status, message, and body as details."""

    code = "ACTION_FAILED"

    def __init__(self, status: int, message: str, body: dict[str, Any]) -> None:
        super().__init__(message)
        self.status, self.details = status, body
