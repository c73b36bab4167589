"""Which web pages may do what: any may call Alloy's API, none but our own the sandbox's controls.

Without this, any website that a developer visits could read and change everything here: with a
request from its own page, or under a name of its own that it lets point to this machine.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse

from alloy_sandbox.core.rooms import answers_any_page, is_control

ALLOWED_HEADERS = (
    "authorization, content-type, accept, x-alloy-user-token, x-alloy-userid, x-api-version, "
    "idempotency-key"
)
ALLOWED_METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
UNKNOWN_HOST = (
    "The sandbox does not answer to this host name. Use localhost, or start it with"
    " --origin or --allow-host."
)
OTHER_PAGE = "The sandbox's controls answer its own pages, and tools that are no browser"

GetResponse = Callable[[HttpRequest], HttpResponse]


def check_host(get_response: GetResponse) -> GetResponse:
    """Refuse every request under a host name that is not in ALLOWED_HOSTS."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            return JsonResponse({"message": UNKNOWN_HOST}, status=400)
        return get_response(request)

    return middleware


def check_page(get_response: GetResponse) -> GetResponse:
    """Keep other websites from the controls, and let them read Alloy's API, as Alloy does."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_control(request):
            if _is_from_elsewhere(request):
                return JsonResponse({"message": OTHER_PAGE}, status=403)
            return get_response(request)
        if "Origin" not in request.headers or not answers_any_page(request):
            return get_response(request)
        response = HttpResponse(status=204) if _asks(request) else get_response(request)
        return _readable(response, request.headers.get("Access-Control-Request-Headers", ""))

    return middleware


def _is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether another site's page sent this; a link to one of our pages may be followed."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin)[:2] != (request.scheme, request.get_host()):
        return True
    if request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin"):
        return False
    follows_a_link = request.headers.get("Sec-Fetch-Dest") == "document"
    return not (follows_a_link and request.method in ("GET", "HEAD"))


def _asks(request: HttpRequest) -> bool:
    """Whether this is a preflight: may I send this request?"""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def _readable(response: HttpResponse, asked_for: str) -> HttpResponse:
    """Let any page read the answer, and send what headers it asks for."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = ALLOWED_METHODS
    response["Access-Control-Allow-Headers"] = asked_for or ALLOWED_HEADERS
    response["Access-Control-Max-Age"] = "600"
    return response
