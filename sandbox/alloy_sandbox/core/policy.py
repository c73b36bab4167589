"""The Content-Security-Policy of the pages: no inline script or style, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
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


def framed(view: View) -> View:
    """Let a page be embedded: anywhere, or only where SANDBOX_FRAMED_BY allows it."""
    allowed: str = settings.SANDBOX_FRAMED_BY
    return _with({"frame-ancestors": allowed or None})(view)


def returns_elsewhere(view: View) -> View:
    """Let a form lead to another site: browsers hold form-action against redirects as well."""
    return _with({"form-action": None})(view)


def _with(changes: dict[str, str | None]) -> Callable[[View], View]:
    """Change directives for one view; None lifts one."""
    changed = {**POLICY, **changes}
    policy = _written({name: value for name, value in changed.items() if value is not None})

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
