"""The lanes that messages queue in: which are stuck, and on what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.template.defaultfilters import pluralize

from integrations import conf
from integrations.admin.actions import OperatorAdmin
from integrations.admin.columns import column
from integrations.admin.display import moment, reason
from integrations.admin.links import listed, subject_of
from integrations.admin.services import try_now
from integrations.models import Lane, Message

State = Message.State


class LaneState(admin.SimpleListFilter):
    """What a lane is doing."""

    title = parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return what can be asked for."""
        return [
            ("waiting", "Has messages waiting"),
            ("failing", "Failed, to be tried again"),
            ("held", "Held back by a dead letter"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the lanes, by way of the indexes on what waits and on dead letters."""
        with_dead_letters = Message.objects.filter(state=State.DEAD).values("lane")
        chosen = {
            "waiting": Q(due_at__isnull=False),
            "failing": Q(due_at__isnull=False, failures__gt=0),
            "held": Q(held=True, pk__in=with_dead_letters),
        }
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(Lane)
class LaneAdmin(OperatorAdmin):
    """The queue of one subject's messages: first in, first out."""

    list_display = ("key", "about", "last_sequence", "due", "failures", "held", "why")
    list_filter = (LaneState,)
    search_fields = ("key",)
    search_help_text = "The whole key of a lane, such as 12:order:345."
    actions = ("try_now",)
    fields = (
        "key",
        "about",
        "due_at",
        "failures",
        "why",
        "held",
        "last_sequence",
        "environment",
    )

    due = column("next try", moment, "due_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lane]:
        """Add the last error of each lane's first waiting message."""
        waiting = Message.objects.filter(lane=OuterRef("pk"), state=State.WAITING)
        error = waiting.order_by("sequence").values("last_error")[:1]
        lanes: QuerySet[Lane] = super().get_queryset(request)
        return lanes.annotate(head_error=Subquery(error))

    @admin.display(description="about")
    def about(self, lane: Lane) -> str:
        return subject_of(lane)

    @admin.display(description="last error of its first message")
    def why(self, lane: Any) -> str:
        return reason(lane.head_error or "")

    def links(self, lane: Lane) -> Iterable[str]:
        """Link to the messages in the lane."""
        yield listed(Message, "Messages", lane=lane.pk)
        yield listed(Message, "Waiting", lane=lane.pk, state__exact=State.WAITING)
        yield listed(Message, "Dead letters", lane=lane.pk, state__exact=State.DEAD)

    def buttons(self, lane: Lane) -> dict[str, str]:
        """Offer to try what waits."""
        return {"try_now": "Try now"} if lane.due_at else {}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by the whole key, which has an index."""
        if not search_term:
            return queryset, False
        key = search_term.strip()
        return queryset.filter(environment=conf.environment(), key=key), False

    @admin.action(description="Try the selected lanes now", permissions=["operate"])
    def try_now(self, request: HttpRequest, lanes: QuerySet[Lane]) -> None:
        """Have lanes that wait for their next try tried at once."""
        done = 0
        for lane in lanes.filter(due_at__isnull=False)[: self.at_once]:
            if try_now(lane=lane):
                done += 1
                self.log_change(request, lane, "Made due.")
        told = f"{done:,} lane{pluralize(done)} will be tried now."
        self.message_user(request, told, messages.SUCCESS if done else messages.WARNING)
