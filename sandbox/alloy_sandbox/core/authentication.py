"""Who calls: the ISV's server with its key, or an end user's browser with a JWT."""

from __future__ import annotations

from django.http import HttpRequest

from alloy_sandbox.core import environments
from alloy_sandbox.core.errors import BadRequest, Unauthorized
from alloy_sandbox.core.models import User
from alloy_sandbox.core.selectors import find_user
from alloy_sandbox.core.tokens import verify_user_token

KEY_PREFIX = "sandbox_"


def has_key(request: HttpRequest) -> bool:
    """Whether the key is a sandbox key; the call is in the key's environment from here on.

    Some of Alloy's samples leave `bearer` out, and its clients write it in either case.
    """
    said = request.headers.get("Authorization", "").split()
    key = said[-1] if len(said) == 1 or [each.lower() for each in said[:-1]] == ["bearer"] else ""
    is_ours = key.startswith(KEY_PREFIX) and key != KEY_PREFIX
    environments.enter(key if is_ours else "")
    return is_ours


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
