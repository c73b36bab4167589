"""Who calls: the ISV's server with its key, or an end user's browser with a JWT."""

from __future__ import annotations

from functools import wraps

from django.http import HttpRequest, HttpResponse

from alloy_sandbox.core.errors import BadRequest, Unauthorized
from alloy_sandbox.core.http import View
from alloy_sandbox.core.models import User
from alloy_sandbox.core.selectors import find_user
from alloy_sandbox.core.tokens import verify_user_token

KEY_PREFIX = "sandbox_"


def require_key(view: View) -> View:
    """Let only `Authorization: bearer sandbox_...` in; raises `Unauthorized`."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not has_key(request):
            raise Unauthorized
        return view(request, *args, **kwargs)

    return guarded


def has_key(request: HttpRequest) -> bool:
    """Whether the key is a sandbox key. `bearer` may be written in either case, as the SDKs do."""
    scheme, _, key = request.headers.get("Authorization", "").strip().partition(" ")
    key = key.strip()
    return scheme.lower() == "bearer" and key.startswith(KEY_PREFIX) and key != KEY_PREFIX


def acting_user(request: HttpRequest, identifier: str | None) -> User:
    """Return whom the call is about: the JWT's user, else the one named, for whom a key is needed.

    Raises `Unauthorized`, `BadRequest` without an identifier, `NotFound` for an unknown one.
    """
    token = request.headers.get("x-alloy-user-token")
    if token:
        return verify_user_token(token)
    if not has_key(request):
        raise Unauthorized
    if not identifier:
        raise BadRequest("userId is required")
    return find_user(identifier)
