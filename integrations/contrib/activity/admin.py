"""Lists what fails in merchants' workflows: equal errors in one line, with their count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from integrations.admin.pages import OperatorAdmin, operation, row_shown
from integrations.admin.rows import (
    ChosenRow,
    block,
    by_number,
    by_tenant,
    column,
    conditions,
    link,
    listed,
    moment,
)
from integrations.contrib.activity.models import WorkflowFailure
from integrations.models import AlloyUser, Delivery
from integrations.redaction import reason

OPEN = Q(resolved_at=None)


@receiver(row_shown, sender=AlloyUser)
def link_to_failures(row: AlloyUser, **_: Any) -> list[str]:
    """Link from a tenant to what fails in its workflows."""
    tenant = row.tenant_id
    return [listed(WorkflowFailure, "Failures", tenant=tenant)] if tenant else []


def resolve(failure: WorkflowFailure) -> None:
    """Close a failure by hand; the same error again opens it again."""
    WorkflowFailure.objects.filter(pk=failure.pk).update(resolved_at=timezone.now())


@admin.register(WorkflowFailure)
class WorkflowFailureAdmin(OperatorAdmin):
    """One kind of error of one workflow of one tenant."""

    list_display = (
        *(column("message", reason, "error"), "block", "workflow_id", column("tenant", link)),
        *("count", column("last_seen_at", moment, "last seen"), "is_open"),
    )
    list_select_related = ("tenant",)
    list_filter = (
        ("tenant", ChosenRow),
        conditions("state", open=("Open", OPEN), resolved=("Resolved", ~OPEN)),
    )
    search_fields = ("pk",)
    search_help_text = "A tenant, or the whole id of a workflow or an execution."
    ordering = ("-last_seen_at",)
    actions = ("resolve",)
    fields = (
        *("tenant", "workflow_id", "block", column("message", block, "error"), "count", "about"),
        *("last_execution_id", "first_seen_at", "last_seen_at", "checked_at", "resolved_at"),
        "environment",
    )
    resolve = operation("resolve", "Mark as resolved", resolve, when=OPEN, done="resolved.")

    @admin.display(description="about")
    def about(self, failure: WorkflowFailure) -> str:
        """Return the orders, or whatever else the runs that failed were about."""
        return ", ".join(failure.subjects.values_list("subject", flat=True)[:50]) or "-"

    @admin.display(description="open", boolean=True)
    def is_open(self, failure: WorkflowFailure) -> bool:
        return failure.resolved_at is None

    def links(self, failure: WorkflowFailure) -> Iterable[str]:
        """Link to the errors as they came."""
        yield from super().links(failure)
        narrowed = {"tenant": failure.tenant_id, "kind__exact": Delivery.Kind.ERROR}
        yield listed(Delivery, "The errors as they came", **narrowed)

    def find(self, request: HttpRequest, term: str) -> Q:
        ids = Q(workflow_id=term) | Q(last_execution_id=term) | by_number(term)
        return ids | by_tenant(request, term)
