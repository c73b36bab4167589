"""Makes every spelling of Alloy's paths arrive alike, and every failure leave as JSON."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from alloy_sandbox.core.errors import AlloyError

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

DATED_VERSION = re.compile(r"^/(20\d\d-\d\d)(?=/|$)")
# Spoken by callers who say nothing: the last one before blocks were called connectors.
USUAL_VERSION = "2024-03"


def normalise_path(get_response: GetResponse) -> GetResponse:
    """Take the dated version off the path's front and a slash off its end, without a redirect.

    A redirect would turn the POST of Alloy's own clients into a GET.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.path_info = plain_path(request.path_info)
        return get_response(request)

    return middleware


def plain_path(path: str) -> str:
    """Return the path as the routes know it: no version, no trailing slash."""
    return DATED_VERSION.sub("", path).rstrip("/") or "/"


def api_version(request: HttpRequest) -> str:
    """Return the version that the caller speaks, from the path or `x-api-version`."""
    said = DATED_VERSION.match(request.path) or DATED_VERSION.match(
        "/" + request.headers.get("x-api-version", "")
    )
    return said[1] if said else USUAL_VERSION


class AnswerErrorsAsJson:
    """Answer every refusal and every accident as `{"message": ...}`, which Alloy's clients read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, AlloyError):
            body = {"message": error.message}
            return JsonResponse(body, status=error.status, headers=error.headers)
        return None


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return JsonResponse({"message": "Not found"}, status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return JsonResponse({"message": "Bad request"}, status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"message": "Internal server error"}, status=500)
