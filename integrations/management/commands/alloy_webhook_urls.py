"""Print the URLs to paste into Alloy's dashboard and workflow builder."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import NoReverseMatch

from integrations.destinations import destinations


class Command(BaseCommand):
    """Prints where each URL goes, and the URL. They are secret: the token in them admits."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = destinations()
        except NoReverseMatch as error:
            told = 'Add path("", include("integrations.urls")) to your URLconf first.'
            raise CommandError(told) from error
        for destination in found:
            self.stdout.write(self.style.MIGRATE_HEADING(destination.where))
            self.stdout.write(f"  {destination.url}\n")
