"""Print the schema of every custom event, to paste into Alloy's workflow builder."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from integrations.events import declared_events


class Command(BaseCommand):
    """Prints each event's name and schema."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        for name, event in declared_events().items():
            self.stdout.write(self.style.MIGRATE_HEADING(name))
            self.stdout.write(json.dumps(event.builder_schema(), indent=2) + "\n")
