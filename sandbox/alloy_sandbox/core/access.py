"""Who calls: the ISV's server with its key, or an end user's browser with a JWT.

Keys are environments: users made with a development key are not seen with a production key.
"""

from __future__ import annotations

import secrets
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from alloy_sandbox.core.errors import (
    BadRequest,
    ExpiredToken,
    InvalidToken,
    NotFound,
    Unauthorized,
)
from alloy_sandbox.core.models import User
from alloy_sandbox.core.signing_key import signing_key

KEY_PREFIX = "sandbox_"
DEVELOPMENT, PRODUCTION = "development", "production"
ALGORITHM = "HS256"

_environment: ContextVar[str] = ContextVar("environment", default="")


def environment() -> str:
    """Return the environment of the key that the call came with; "" where it came without."""
    return _environment.get()


def enter(key: str) -> None:
    """Be in a key's environment for the rest of this call; "" is in none, and sees all."""
    _environment.set(PRODUCTION if key.startswith("sandbox_prod") else DEVELOPMENT if key else "")


def has_key(request: HttpRequest) -> bool:
    """Say whether the key is a sandbox key; the call is in the key's environment from here on.

    Some of Alloy's samples leave `bearer` out, and its clients write it in either case.
    """
    said = request.headers.get("Authorization", "").split()
    key = said[-1] if len(said) == 1 or [each.lower() for each in said[:-1]] == ["bearer"] else ""
    is_ours = key.startswith(KEY_PREFIX) and key != KEY_PREFIX
    enter(key if is_ours else "")
    return is_ours


def all_users() -> QuerySet[User]:
    """Return the users of the key's environment; those of every one for a call without a key."""
    here = environment()
    return User.objects.filter(environment=here) if here else User.objects.all()


def find_user(identifier: str) -> User:
    """Return the user with this id or, as everywhere at Alloy, this username."""
    users = all_users()
    user = users.filter(pk=identifier).first() or users.filter(username=identifier).first()
    if user is None:
        raise NotFound("User")
    return user


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


def make_user_token(user: User) -> str:
    """Return a JWT for the modal; Alloy's guide says an hour, its reference 30 minutes."""
    return make_token(user, timedelta(minutes=settings.SANDBOX_TOKEN_MINUTES))[0]


def make_token(user: User, lifetime: timedelta) -> tuple[str, datetime]:
    """Return an unguessable JWT, never the same twice, that names the user; and when it expires."""
    import jwt  # here, because it takes a tenth of the start

    now = timezone.now()
    ends = now + lifetime
    claims = {"userId": user.user_id, "iat": now, "exp": ends, "jti": secrets.token_hex(8)}
    return jwt.encode(claims, _secret(), algorithm=ALGORITHM), ends


def verify_user_token(token: str) -> User:
    """Return the user whom the JWT stands for; raises `ExpiredToken` or `InvalidToken`."""
    import jwt

    try:
        claims: dict[str, Any] = jwt.decode(token, _secret(), algorithms=[ALGORITHM])
    except jwt.ExpiredSignatureError:
        raise ExpiredToken from None
    except jwt.InvalidTokenError:
        raise InvalidToken from None
    user = User.objects.filter(pk=claims.get("userId")).first()
    if user is None:
        raise InvalidToken
    return user


@cache
def _secret() -> str:
    """Return what signs the JWTs: kept with the signing key, and never replaced."""
    return signing_key().token_secret
