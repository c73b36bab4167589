"""Make the two demo logins. Safe to run again; refuses to run in production."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from acmeco.demo import MERCHANT, OPERATOR


class Command(BaseCommand):
    """A merchant (demo@acme.example / demo) and an operator (admin@acme.example / admin)."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo logins have public passwords: DEBUG must be on.")
        if not User.objects.filter(email=MERCHANT["email"]).exists():
            _prove(User.objects.create_user(**MERCHANT))
        if not User.objects.filter(email=OPERATOR["email"]).exists():
            _prove(User.objects.create_superuser(**OPERATOR))
        self.stdout.write("The demo logins are ready.")


def _prove(user: User) -> None:
    """Count the address as proved, as that of whoever signs up in the demo."""
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
