"""Print the URLs to paste into Alloy's dashboard and workflow builder."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from integrations.webhooks import destinations


class Command(BaseCommand):
    """Prints where each URL goes, and the URL. They are secret: the token in them admits."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        for destination in destinations():
            self.stdout.write(self.style.MIGRATE_HEADING(destination.where))
            self.stdout.write(f"  {destination.url}\n")
