"""The Content-Security-Policy of the pages: no inline script or style, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]

HEADER = "Content-Security-Policy"
POLICY = {
    "default-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Give every answer the policy that has none of its own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault(HEADER, _written(POLICY))
        return response

    return middleware


def without(*directives: str) -> Callable[[View], View]:
    """Lift directives for one view."""
    policy = _written({name: value for name, value in POLICY.items() if name not in directives})

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            response.headers[HEADER] = policy
            return response

        return answer

    return decorate


def _written(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())
