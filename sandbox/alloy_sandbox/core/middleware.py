"""What each request passes on its way in, and each answer on its way out.

Every spelling of Alloy's paths arrives alike, every failure leaves as JSON. Any web page may call
Alloy's API, none but our own the sandbox's controls: without this, any website that a developer
visits could read and change everything here, with a request from its own page, or under a name of
its own that it lets point to this machine.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse

from alloy_sandbox.core import access
from alloy_sandbox.core.areas import answers_any_page, area_of, is_control
from alloy_sandbox.core.errors import AlloyError

GetResponse = Callable[[HttpRequest], HttpResponse]

DATED_VERSION = re.compile(r"^/(20\d\d-\d\d)(?=/|$)")
# Spoken by callers who say nothing: the last one before blocks were called connectors.
USUAL_VERSION = "2024-03"
READABLE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Max-Age": "600",
}
ALLOWED_HEADERS = (
    "authorization, content-type, accept, x-alloy-user-token, x-alloy-userid, x-api-version, "
    "idempotency-key"
)
UNKNOWN_HOST = (
    "The sandbox does not answer to this host name. Use localhost, or start it with"
    " --origin or --allow-host."
)
OTHER_PAGE = "The sandbox's controls answer its own pages, and tools that are no browser"

# SQLite's own lock is not fair: of sixteen threads that wait for it by trying again, some wait for
# seconds. Threads that wait for this one first are served at once, and lose nothing: no request
# does anything slow while it holds it.
turn = threading.Lock()


def check_host(get_response: GetResponse) -> GetResponse:
    """Refuse every request under a host name that is not in ALLOWED_HOSTS."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            return JsonResponse({"message": UNKNOWN_HOST}, status=400)
        # A thread serves the next request of a kept connection as well: each begins without a key.
        access.enter("")
        return get_response(request)

    return middleware


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


def check_page(get_response: GetResponse) -> GetResponse:
    """Keep other websites from the controls, and let them read Alloy's API, as Alloy does."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_control(request) and _is_from_elsewhere(request):
            return JsonResponse({"message": OTHER_PAGE}, status=403)
        if "Origin" not in request.headers or not answers_any_page(request):
            return get_response(request)
        asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = HttpResponse(status=204) if asks else get_response(request)
        for name, value in READABLE.items():
            response[name] = value
        asked_for = request.headers.get("Access-Control-Request-Headers", "")
        response["Access-Control-Allow-Headers"] = asked_for or ALLOWED_HEADERS
        return response

    return middleware


def _is_from_elsewhere(request: HttpRequest) -> bool:
    """Say whether another site's page sent this; a link to one of our pages may be followed."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin)[:2] != (request.scheme, request.get_host()):
        return True
    if request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin"):
        return False
    follows_a_link = request.headers.get("Sec-Fetch-Dest") == "document"
    return not (follows_a_link and request.method in ("GET", "HEAD"))


def one_at_a_time(get_response: GetResponse) -> GetResponse:
    """Carry requests out one after the other; the delays of faults are outside of this."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with turn:
            return get_response(request)

    return middleware


class AnswerErrorsAsJson:
    """Answer every refusal and every accident as JSON with a `message`, which all clients read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, AlloyError):
            return None
        body = error.as_json(connectivity=area_of(request.path_info) == "connectivity")
        return JsonResponse(body, status=error.status, headers=error.headers)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return JsonResponse({"message": "Not found"}, status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return JsonResponse({"message": "Bad request"}, status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"message": "Internal server error"}, status=500)
