"""What follows from what django-allauth did."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.http import HttpRequest

from accounts.models import User
from accounts.preferences import browser_time_zone


def address_is_proved(*, user: User, **_signal: Any) -> None:
    """Count an address as proved once the link in a letter to it was used to choose a password."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": True}
    )


def time_zone_is_kept(*, user: User, request: HttpRequest | None, **_signal: Any) -> None:
    """Keep the browser's time zone at the first login: what is written later needs it, too."""
    zone = browser_time_zone(request) if request is not None else ""
    if zone and not user.time_zone:
        User.objects.filter(pk=user.pk, time_zone="").update(time_zone=zone)
        user.time_zone = zone
