"""The JWTs that stand for one end user: short-lived for the modal, seven days for a link."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import cache

import jwt
from django.conf import settings
from django.utils import timezone

from alloy_sandbox.core.errors import ExpiredToken, InvalidToken
from alloy_sandbox.core.models import User
from alloy_sandbox.webhooks.keys import signing_key

ALGORITHM = "HS256"


def make_user_token(user: User) -> str:
    """Return a JWT for the modal; Alloy's guide says an hour, its reference 30 minutes."""
    lifetime = timedelta(minutes=settings.SANDBOX_TOKEN_MINUTES)
    return make_token(user, expires_at=timezone.now() + lifetime)


def make_token(user: User, *, expires_at: datetime) -> str:
    """Return an unguessable JWT, never the same twice, that names the user."""
    claims = {
        "userId": user.user_id,
        "iat": timezone.now(),
        "exp": expires_at,
        "jti": secrets.token_hex(8),
    }
    return jwt.encode(claims, _secret(), algorithm=ALGORITHM)


def verify_user_token(token: str) -> User:
    """Return the user whom the JWT stands for; raises `ExpiredToken` or `InvalidToken`."""
    try:
        claims = jwt.decode(token, _secret(), algorithms=[ALGORITHM])
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
    return signing_key().token_secret
