"""What follows from what django-allauth did."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress

from accounts.models import User


def address_is_proved(*, user: User, **_signal: Any) -> None:
    """Count an address as proved once the link in a letter to it was used to choose a password."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": True}
    )
