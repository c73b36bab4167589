"""Print the schema of every custom event, to paste into Alloy's workflow builder.

With --push declare them to the sandbox, which refuses an event that nobody has declared.
"""

from __future__ import annotations

import json
from typing import Any

import requests
from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations import conf
from integrations.events import declared_events

SECONDS = 10


class Command(BaseCommand):
    """Prints each event's name and schema, or declares them to the sandbox."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--push", action="store_true", help="declare them to the sandbox")

    def handle(self, *args: Any, **options: Any) -> None:
        if not declared_events():
            raise CommandError(
                "No event is declared in what this project loads: import the module that declares"
                " yours in the ready() of its app."
            )
        if options["push"]:
            self._push()
            return
        for name, event in declared_events().items():
            self.stdout.write(self.style.MIGRATE_HEADING(name))
            self.stdout.write(json.dumps(event.builder_schema(), indent=2) + "\n")

    def _push(self) -> None:
        """Declare every event at the sandbox; raises `CommandError` where there is none."""
        origin = conf.account().stand_in
        if not origin:
            raise CommandError("Only a sandbox takes them: Alloy's are made in the builder.")
        events = [
            {"name": name, "body": event.builder_schema()}
            for name, event in declared_events().items()
        ]
        try:
            answer = requests.post(
                f"{origin}/_sandbox/catalogue", json={"events": events}, timeout=SECONDS
            )
            answer.raise_for_status()
        except requests.RequestException as error:
            raise CommandError(
                f"The sandbox at {origin} did not take them: {type(error).__name__}."
            ) from None
        self.stdout.write(f"Declared at {origin}: {', '.join(declared_events())}")
