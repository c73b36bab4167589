"""The inbox: what Alloy delivered, and what went wrong with it.

The body of a dead letter can be mended: what came stays as it is, beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize

from integrations.admin.actions import OperatorAdmin
from integrations.admin.columns import column
from integrations.admin.display import block, moment, pretty, pretty_body, reason
from integrations.admin.filters import BoundedChoices, OfTenant
from integrations.admin.links import link, listed, result_of
from integrations.admin.search import by_number, by_tenant
from integrations.inbox import replay
from integrations.models import Delivery

State = Delivery.State


class DeliveryState(BoundedChoices):
    """What waits and what is a dead letter is indexed; what is processed is much."""

    indexed = {  # noqa: RUF012 -- never changed
        State.WAITING: Q(due_at__isnull=False),
        State.DEAD: Q(state=State.DEAD),
    }


@admin.register(Delivery)
class DeliveryAdmin(OperatorAdmin):
    """One delivery of Alloy's, as it came."""

    list_display = (
        "__str__",
        "tenant_link",
        "state",
        "attempts_made",
        "why",
        "times_received",
        "received",
        "processed",
    )
    list_select_related = ("tenant",)
    list_filter = (OfTenant, ("state", DeliveryState), ("kind", BoundedChoices))
    search_fields = ("pk",)
    search_help_text = "A delivery's number, or a tenant."
    actions = ("replay",)
    fields = (
        "kind",
        "state",
        "error_block",
        "tenant",
        "hinted_user_id",
        "result",
        "mended",
        "body_block",
        "hints_block",
        "attempts_made",
        "times_received",
        "received_at",
        "due_at",
        "processed_at",
        "correlation_id",
        "environment",
    )

    tenant_link = column("tenant", link, "tenant")
    why = column("last error", reason, "error")
    received = column("received", moment, "received_at")
    processed = column("processed", moment, "processed_at")
    error_block = column("what went wrong", block, "error")
    hints_block = column("X-Alloy headers, which are not signed", pretty, "hints")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Leave the bodies, which may have megabytes, until one is looked at."""
        return super().get_queryset(request).defer("body", "mended", "hints")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let the body of a dead letter be mended."""
        return obj is not None and obj.state == State.DEAD and self.has_operate_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [each for each in self.get_fields(request, obj) if each != "mended"]

    @admin.display(description="body as it came")
    def body_block(self, delivery: Delivery) -> str:
        return pretty_body(bytes(delivery.body).decode(errors="replace"))

    @admin.display(description="became")
    def result(self, delivery: Delivery) -> str:
        return result_of(delivery)

    def links(self, delivery: Delivery) -> Iterable[str]:
        """Link to the tenant's other deliveries."""
        yield listed(Delivery, "Deliveries of this tenant", tenant=delivery.tenant_id)

    def buttons(self, delivery: Delivery) -> dict[str, str]:
        """Offer to process again what is not about to be processed anyway."""
        return {} if delivery.state == State.WAITING else {"replay": "Replay"}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by number and tenant."""
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(by_number(term) | by_tenant(request, term)), False

    @admin.action(description="Replay the selected deliveries", permissions=["operate"])
    def replay(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        """Process deliveries again, oldest first."""
        done = 0
        for delivery in deliveries.exclude(state=State.WAITING).order_by("pk")[: self.at_once]:
            replay(delivery=delivery)
            self.log_change(request, delivery, "Replayed.")
            done += 1
        if done:
            told = (
                f"{done:,} deliver{pluralize(done, 'y,ies')} will be processed again."
                " What was made of one before is not made twice."
            )
            self.message_user(request, told, messages.SUCCESS)
        else:
            told = "These are waiting to be processed anyway."
            self.message_user(request, told, messages.WARNING)
        self.tell_of_the_rest(request, done)
