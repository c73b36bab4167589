"""Keep the attempts in partitions: make the table one that has them, add those for what is to come,
and drop those whose messages were all settled long enough ago. Run it every day; it may run twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from integrations import database
from integrations.contrib.partitions import attempts


class Command(BaseCommand):
    """Does what is missing; senders and web servers go on meanwhile."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--size", type=int, default=10_000_000, help="Messages whose attempts are a partition."
        )
        parser.add_argument(
            "--keep-days", type=float, default=7, help="How long attempts of what is done are kept."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if database.connection().vendor != "postgresql":
            raise CommandError("Only PostgreSQL has partitions.")
        if options["size"] < 1:
            raise CommandError("--size must be at least 1.")
        if not attempts.is_partitioned():
            attempts.partition(size=options["size"])
            self.stdout.write("The table is the first partition of a new one now.")
        for each in attempts.add(size=options["size"]):
            self.stdout.write(f"{each.name} takes messages up to {each.end:,}.")
        before = timezone.now() - timedelta(days=options["keep_days"])
        for each in attempts.drop(before=before):
            self.stdout.write(f"{each.name} is dropped.")
