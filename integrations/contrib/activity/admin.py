"""What fails in merchants' workflows: equal errors in one line, with their count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.utils import timezone

from integrations.admin import (
    OfTenant,
    OperatorAdmin,
    block,
    by_number,
    by_tenant,
    column,
    link,
    listed,
    moment,
    reason,
    row_shown,
)
from integrations.contrib.activity.models import WorkflowFailure
from integrations.models import AlloyUser, Delivery


@receiver(row_shown, sender=AlloyUser)
def link_to_failures(row: AlloyUser, **_: Any) -> list[str]:
    """Lead from a tenant to what fails in its workflows."""
    if not row.tenant_id:
        return []
    return [listed(WorkflowFailure, "Failures", tenant=row.tenant_id)]


class Openness(admin.SimpleListFilter):
    """Whether it still fails."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the two choices."""
        return [("open", "Open"), ("resolved", "Resolved")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the rows to the chosen one."""
        is_open = Q(resolved_at=None)
        return queryset.filter({"open": is_open, "resolved": ~is_open}.get(self.value() or "", Q()))


@admin.register(WorkflowFailure)
class WorkflowFailureAdmin(OperatorAdmin):
    """One kind of error of one workflow of one tenant."""

    list_display = ("short", "block", "workflow_id", "tenant_link", "count", "last_seen", "state")
    list_select_related = ("tenant",)
    list_filter = (OfTenant, Openness)
    search_fields = ("pk",)
    search_help_text = "A tenant, or the whole id of a workflow or an execution."
    ordering = ("-last_seen_at",)
    actions = ("resolve",)
    fields = (
        "tenant",
        "workflow_id",
        "block",
        "message_block",
        "count",
        "about",
        "last_execution_id",
        "first_seen_at",
        "last_seen_at",
        "checked_at",
        "resolved_at",
        "environment",
    )

    message_block = column("error", block, "message")
    tenant_link = column("tenant", link, "tenant")
    last_seen = column("last seen", moment, "last_seen_at")

    @admin.display(description="error")
    def short(self, failure: WorkflowFailure) -> str:
        return reason(failure.message) or "-"

    @admin.display(description="about")
    def about(self, failure: WorkflowFailure) -> str:
        """The orders, or whatever else the runs that failed were about."""
        return ", ".join(failure.subjects.values_list("subject", flat=True)[:50]) or "-"

    @admin.display(description="open", boolean=True)
    def state(self, failure: WorkflowFailure) -> bool:
        return failure.resolved_at is None

    def links(self, failure: WorkflowFailure) -> Iterable[str]:
        """Link to the errors as they came."""
        yield listed(
            Delivery,
            "The errors as they came",
            tenant=failure.tenant_id,
            kind__exact=Delivery.Kind.ERROR,
            q=failure.workflow_id,
        )

    def buttons(self, failure: WorkflowFailure) -> dict[str, str]:
        """Offer to close what is open."""
        return {"resolve": "Mark as resolved"} if failure.resolved_at is None else {}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by whole ids, and by tenant."""
        term = search_term.strip()
        if not term:
            return queryset, False
        ids = Q(workflow_id=term) | Q(last_execution_id=term) | by_number(term)
        return queryset.filter(ids | by_tenant(request, term)), False

    @admin.action(description="Mark the selected failures as resolved", permissions=["operate"])
    def resolve(self, request: HttpRequest, failures: QuerySet[WorkflowFailure]) -> None:
        """Close failures by hand; the same error again opens them again."""
        done = 0
        for failure in failures.filter(resolved_at=None)[: self.at_once]:
            WorkflowFailure.objects.filter(pk=failure.pk).update(resolved_at=timezone.now())
            self.log_change(request, failure, "Marked as resolved.")
            done += 1
        told = f"{done:,} failure{pluralize(done)} marked as resolved."
        self.message_user(request, told, messages.SUCCESS if done else messages.WARNING)
        self.tell_of_the_rest(request, done)
