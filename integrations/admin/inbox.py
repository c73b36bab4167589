"""The inbox: the deliveries that came from Alloy."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from integrations.admin.pages import OperatorAdmin, operation
from integrations.admin.rows import (
    BoundedChoices,
    ChosenRow,
    block,
    by_number,
    by_tenant,
    column,
    link,
    moment,
    pretty,
)
from integrations.inbox import replay
from integrations.models import Delivery
from integrations.redaction import reason


@admin.register(Delivery)
class DeliveryAdmin(OperatorAdmin):
    """One delivery. The body of a dead letter can be corrected, beside the original."""

    list_display = (
        *("__str__", column("tenant", link), "state", "attempts_made", column("error", reason)),
        *("times_received", column("received_at", moment, "received")),
        column("processed_at", moment, "processed"),
    )
    list_select_related = ("tenant",)
    list_filter = (("tenant", ChosenRow), ("state", BoundedChoices), ("kind", BoundedChoices))
    indexed = {"waiting": Q(due_at__isnull=False), "dead": Q(state="dead")}  # noqa: RUF012 -- a constant
    search_fields = ("pk",)
    search_help_text = "A delivery's number, or a tenant."
    actions = ("replay",)
    fields = (
        *("kind", "state", column("error", block, "what went wrong"), "tenant"),
        *("hinted_user_id", "mended", "body_as_it_came"),
        column("hints", pretty, "X-Alloy headers, which are not signed"),
        *("attempts_made", "times_received", "received_at", "due_at", "processed_at"),
        *("correlation_id", "environment"),
    )
    replay = operation(
        "replay",
        "Replay",
        lambda delivery: replay(delivery=delivery),
        when=~Q(state=Delivery.State.WAITING),
        done="will be processed again. What was made of one before is not made twice.",
    )

    @admin.display
    def body_as_it_came(self, delivery: Delivery) -> str:
        """Return the body, indented if it is JSON."""
        body = bytes(delivery.body).decode(errors="replace")
        try:
            return pretty(json.loads(body))
        except (ValueError, RecursionError):
            return block(body)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Do not read the bodies, which may have megabytes, for a list."""
        return super().get_queryset(request).defer("body", "mended", "hints")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let the body of a dead letter be corrected."""
        is_dead = obj is not None and obj.state == Delivery.State.DEAD
        return is_dead and self.has_operate_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [each for each in self.get_fields(request, obj) if each != "mended"]

    def find(self, request: HttpRequest, term: str) -> Q:
        return by_number(term) | by_tenant(request, term)
