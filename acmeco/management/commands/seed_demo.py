"""Make the two demo logins. Safe to run again; refuses to run in production."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User

MERCHANT = {"email": "demo@acme.example", "password": "demo", "name": "Demo Merchant"}
OPERATOR = {"email": "admin@acme.example", "password": "admin", "name": "Demo Operator"}
LOGINS = [MERCHANT, OPERATOR]


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo logins have public passwords: DEBUG must be on.")
        for login in LOGINS:
            if not User.objects.filter(email=login["email"]).exists():
                is_operator = login is OPERATOR
                user = User.objects.create_user(
                    **login, is_staff=is_operator, is_superuser=is_operator
                )
                # Counts as proved, as that of whoever signs up in the demo.
                EmailAddress.objects.create(
                    user=user, email=user.email, primary=True, verified=True
                )
        self.stdout.write("The demo logins are ready.")
