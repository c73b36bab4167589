"""Lets any web page call the API, as Alloy does for its browser SDK."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

ALLOWED_HEADERS = (
    "authorization, content-type, accept, x-alloy-user-token, x-alloy-userid, x-api-version, "
    "idempotency-key"
)
ALLOWED_METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS"

GetResponse = Callable[[HttpRequest], HttpResponse]


def allow_any_origin(get_response: GetResponse) -> GetResponse:
    """Answer preflights, and mark every answer to another origin as readable by it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "Origin" not in request.headers:
            return get_response(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response = HttpResponse(status=204)
        else:
            response = get_response(request)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Allow-Methods"] = ALLOWED_METHODS
        response["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        response["Access-Control-Max-Age"] = "600"
        return response

    return middleware
