"""Whose an e-mail address is. Only a proved one is anybody's."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User


def is_taken(address: str, *, by_others_than: User | None = None) -> bool:
    """Say whether an account has the address; that somebody wishes to change to it is no claim."""
    users = User.objects.filter(email=address)
    proved = EmailAddress.objects.filter(email=address, verified=True)
    if by_others_than is not None:
        users = users.exclude(pk=by_others_than.pk)
        proved = proved.exclude(user=by_others_than)
    return users.exists() or proved.exists()


def owners_of(address: str) -> list[User]:
    """Return the active users who proved that the address is theirs: one at most."""
    proved = EmailAddress.objects.filter(email=address, verified=True, user__is_active=True)
    return [each.user for each in proved.select_related("user")]


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
