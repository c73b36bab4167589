"""The two demo logins, whose passwords everybody knows: there only while DEBUG is on."""

from __future__ import annotations

from django.conf import settings

from accounts.models import User

MERCHANT = {"email": "demo@acme.example", "password": "demo", "name": "Demo Merchant"}
OPERATOR = {"email": "admin@acme.example", "password": "admin", "name": "Demo Operator"}


def demo_logins() -> list[dict[str, str]]:
    """Return the demo logins that `seed_demo` has made; none in production."""
    if not settings.DEBUG:
        return []
    logins = [MERCHANT, OPERATOR]
    made = set(
        User.objects.filter(email__in=[each["email"] for each in logins]).values_list(
            "email", flat=True
        )
    )
    return [each for each in logins if each["email"] in made]
