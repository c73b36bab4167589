"""Finds users by their proved e-mail addresses, and those who never proved theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User


def who_may_reset(address: str) -> list[User]:
    """Return the user who may reset the password by a letter to this address; one at most.

    Who proved that it is theirs; or for whom an operator made an account without a password, which
    nobody was ever in. Not who signed up with it: a stranger may have.
    """
    proved = EmailAddress.objects.filter(user=OuterRef("pk"), email=address, verified=True)
    invited = Q(email=address, last_login=None, password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return list(User.objects.filter(invited | Exists(proved), is_active=True))


def with_proof(users: QuerySet[User]) -> QuerySet[User]:
    """Return the users, each with `is_proved`: whether their address is theirs for certain."""
    proof = EmailAddress.objects.filter(user=OuterRef("pk"), email=OuterRef("email"), verified=True)
    return users.annotate(is_proved=Exists(proof))


def never_proved(*, since: datetime) -> QuerySet[User]:
    """Return who signed up before a moment, and never proved that the address is theirs.

    Not those whom an operator or an import made: they did not claim anything.
    """
    signed_up = EmailAddress.objects.filter(user=OuterRef("pk"), primary=True, verified=False)
    proved = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    strangers = User.objects.filter(date_joined__lt=since, last_login=None, is_staff=False)
    return strangers.filter(Exists(signed_up), ~Exists(proved))


def export_sessions(user: User) -> Iterator[dict[str, Any]]:
    """Yield where a user is logged in, as far as we know."""
    rows = UserSession.objects.filter(user=user).order_by("pk")
    yield from rows.values("ip", "user_agent", "created_at", "last_seen_at").iterator()
