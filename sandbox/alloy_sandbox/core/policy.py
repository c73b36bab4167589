"""The Content-Security-Policy of the pages: no inline script or style, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]

HEADER = "Content-Security-Policy"
POLICY: dict[str, str | None] = {
    "default-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}


def _written(**changes: str | None) -> str:
    """Return the policy with some directives changed; None lifts one."""
    policy = POLICY | {name.replace("_", "-"): value for name, value in changes.items()}
    return "; ".join(f"{name} {value}" for name, value in policy.items() if value is not None)


def content_security_policy(get_response: View) -> View:
    """Give every answer the policy that has none of its own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault(HEADER, _written())
        return response

    return middleware


def framed(view: View) -> View:
    """Let a page be embedded: anywhere, or only where SANDBOX_FRAMED_BY allows it."""
    return _with(view, _written(frame_ancestors=settings.SANDBOX_FRAMED_BY or None))


def returns_elsewhere(view: View) -> View:
    """Let a form lead to another site: browsers hold form-action against redirects as well."""
    return _with(view, _written(form_action=None))


def _with(view: View, policy: str) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers[HEADER] = policy
        return response

    return answer
