"""The Connectivity API's refusals, and those of the services behind it.

Its clients read either `error.code` and `error.message` or the same keys at the top: both are sent.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from alloy_sandbox.core.errors import AlloyError, BadRequest
from alloy_sandbox.core.http import View

Json = dict[str, Any]

CODES = {
    400: "INVALID_INPUT",
    401: "UNAUTHORIZED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    422: "UNPROCESSABLE",
}


class ConnectivityError(AlloyError):
    """A refusal by Alloy itself."""

    status = 400
    code = "INVALID_INPUT"
    details: Json | None = None


class UnknownConnector(ConnectivityError):
    """No connector has that id; ids are case-sensitive."""

    status = 404
    code = "CONNECTOR_NOT_FOUND"


class UnknownAction(ConnectivityError):
    """The connector has no such action."""

    status = 404
    code = "ACTION_NOT_FOUND"


class UnknownAuthentication(ConnectivityError):
    """The connector is not connected to in that way."""

    status = 404
    code = "AUTHENTICATION_NOT_FOUND"


class ProviderError(ConnectivityError):
    """The service's own refusal: its status, its message, and its whole body as details."""

    code = "ACTION_FAILED"

    def __init__(self, status: int, message: str, body: Json) -> None:
        super().__init__(message)
        self.status = status
        self.details = body


def error_json(error: AlloyError) -> Json:
    """Return a refusal as the Connectivity API words it."""
    code = getattr(error, "code", CODES.get(error.status, "ERROR"))
    described: Json = {"code": code, "message": error.message}
    if isinstance(error, BadRequest) and error.field:
        described["details"] = [{"message": error.message, "properties": [error.field]}]
    if isinstance(error, ConnectivityError) and error.details:
        described["details"] = error.details
    return {"error": described, "message": error.message, "code": code}


def answers_errors(view: View) -> Callable[..., HttpResponse]:
    """Answer a view's refusals in the Connectivity API's form rather than in the Embedded one's."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except AlloyError as error:
            return JsonResponse(error_json(error), status=error.status, headers=error.headers)

    return guarded
