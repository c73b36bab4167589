"""Give an Alloy user to everybody who has none: for a database that had users before Alloy.

Safe to stop, to run again, and to run beside sign-ups. What it cannot do, it says, with the reason.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.alloy import AlloyError
from integrations.alloy.client import BATCH_LIMIT
from integrations.client import alloy
from integrations.contrib.backfill.run import Summary, backfill, tenants_without_user


class Command(BaseCommand):
    """Creates users at Alloy by the batch, then writes down whose is which."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Say what it would do, only.")
        parser.add_argument(
            "--batch", type=int, default=BATCH_LIMIT, help=f"Users a call, 1 to {BATCH_LIMIT}."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["batch"] <= BATCH_LIMIT:
            raise CommandError(f"--batch must be 1 to {BATCH_LIMIT}: Alloy takes no more at once.")
        if options["dry_run"]:
            self.stdout.write(f"{tenants_without_user().count():,} have no Alloy user.")
            return
        try:
            summary = backfill(alloy(), batch=options["batch"], say=self._say)
        except AlloyError as error:
            raise CommandError(f"{error} Nothing is lost: run this again to go on.") from error
        self._tell(summary)

    def _say(self, text: str) -> None:
        self.stdout.write(f"  {text}")

    def _tell(self, summary: Summary) -> None:
        self.stdout.write(f"{summary.assigned:,} have an Alloy user now.")
        if summary.not_assigned:
            told = f"{summary.not_assigned:,} have none yet. The outbox goes on with them: they get"
            told += " their Alloy users, or end as dead letters in the admin."
            self.stdout.write(self.style.WARNING(told))
        if summary.orphans:
            told = "These tenants left while this ran. Delete their Alloy users: "
            self.stdout.write(self.style.WARNING(told + ", ".join(summary.orphans)))
