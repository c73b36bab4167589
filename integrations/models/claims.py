"""Work that waits in a table, and the one way to claim it.

A row is due when `due_at` has passed. To claim it is to move `due_at` forward by a lease: if the
worker dies, the row simply becomes due again. The same column holds back-off waits, so one partial
index over the rows that wait is enough, however many are done.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Self, TypeVar

from django.db import connections, models, router, transaction
from django.utils import timezone

Row = TypeVar("Row", bound="Claimable", covariant=True)


class ClaimableQuerySet(models.QuerySet[Row]):
    """Finds due rows and leases them to the caller."""

    def due(self) -> Self:
        """Return the rows that somebody should work on now, the longest due first."""
        return self.filter(due_at__lte=timezone.now()).order_by("due_at")

    def any_due(self) -> bool:
        """Say whether anything is due.

        In the index's order, which `exists()` would drop: while PostgreSQL has not yet counted the
        rows of a table that grew fast, it would otherwise read all of them to find none.
        """
        return self.due().values_list("pk", flat=True).first() is not None

    def claim(self, *, limit: int, lease: timedelta) -> list[Row]:
        """Lease up to `limit` due rows, skipping those another worker is claiming right now."""
        using = router.db_for_write(self.model)
        with transaction.atomic(using=using, savepoint=False):
            rows = list(self.due().skip_locked()[:limit])
            token = uuid.uuid4()
            until = timezone.now() + lease
            self.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(
                lease=token, due_at=until
            )
        for row in rows:
            row.lease, row.due_at = token, until
        return rows

    def skip_locked(self) -> Self:
        """Lock the rows where the database can; SQLite has one writer at a time anyway."""
        if connections[router.db_for_write(self.model)].features.has_select_for_update_skip_locked:
            return self.select_for_update(skip_locked=True, of=("self",))
        return self


class Claimable(models.Model):
    """A row that waits to be worked on."""

    due_at = models.DateTimeField(null=True, blank=True, help_text="Empty: nothing to do.")
    lease = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
