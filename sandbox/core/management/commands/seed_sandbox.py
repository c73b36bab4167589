from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from sandbox.core.seed import seed
from sandbox.webhooks.keys import signing_key


class Command(BaseCommand):
    """Fill the sandbox with its integrations, and make its key pair; safe to run at every start."""

    help = "Seed the sandbox's integrations and make its signing key. Safe to run at every start."

    def handle(self, *args: Any, **options: Any) -> None:
        seed()
        signing_key()
        self.stdout.write("The sandbox is seeded.")
