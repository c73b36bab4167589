"""Give an Alloy user to everybody who has none: for a database that had users before Alloy.

Safe to stop, to run again, and to run beside sign-ups. What it cannot do, it says, with the reason.
"""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.alloy import AlloyError
from integrations.alloy.client import BATCH_LIMIT
from integrations.client import alloy
from integrations.contrib.backfill.candidates import Candidate, tenants_in_want
from integrations.contrib.backfill.progress import Progress
from integrations.contrib.backfill.run import Backfill, Summary, Watcher

_WHAT_BECOMES_OF_THEM = (
    "The outbox goes on with them: they get their Alloy users, or end as dead letters in the admin."
)
_ORPHANS = "These tenants left while this ran. Delete their Alloy users: "


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
        self._progress = Progress(sys.stderr)
        watcher = Watcher(self._step, self._progress.advance, self._not_done)
        backfill = Backfill(alloy(), options["batch"], watcher)
        try:
            summary = backfill.plan() if options["dry_run"] else backfill.run()
        except AlloyError as error:
            self._progress.clear()
            raise CommandError(f"{error} Nothing is lost: run this again to go on.") from error
        self._progress.clear()
        self._tell(summary, dry_run=options["dry_run"])

    def _step(self, name: str) -> None:
        self._progress.start(name, total=tenants_in_want().count())

    def _not_done(self, candidate: Candidate, why: str) -> None:
        """Said at once instead of kept: there may be as many as there are tenants."""
        self._progress.clear()
        self.stdout.write(f"  {candidate.tenant.pk} ({candidate.full_name[:100]}): {why}")

    def _tell(self, summary: Summary, *, dry_run: bool) -> None:
        would = "would be " if dry_run else ""
        self.stdout.write(f"{summary.created:,} {would}created at Alloy")
        self.stdout.write(f"{summary.adopted:,} {would}found there: an earlier run had made them")
        for why, count in summary.not_done.most_common():
            self.stdout.write(f"{count:,} {would}not done: {why}")
        if summary.not_done and not dry_run:
            self.stdout.write(self.style.WARNING(_WHAT_BECOMES_OF_THEM))
        if summary.orphans:
            self.stdout.write(self.style.WARNING(_ORPHANS + ", ".join(summary.orphans)))
