"""The groups that messages queue in: which are stuck, and on what."""

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
from integrations.models import Message, MessageGroup

State = Message.State


class GroupState(admin.SimpleListFilter):
    """What a group is doing."""

    title = parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return what can be asked for."""
        return [
            ("waiting", "Has messages waiting"),
            ("failing", "Failed, to be tried again"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the groups, by way of the index on what waits."""
        chosen = {
            "waiting": Q(due_at__isnull=False),
            "failing": Q(due_at__isnull=False, failures__gt=0),
        }
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(MessageGroup)
class MessageGroupAdmin(OperatorAdmin):
    """The queue of one subject's messages: first in, first out."""

    list_display = ("key", "about", "last_sequence", "due", "failures", "why")
    list_filter = (GroupState,)
    search_fields = ("key",)
    search_help_text = "The whole key of a group, such as 12:order:345."
    actions = ("try_now",)
    fields = (
        "key",
        "about",
        "due_at",
        "failures",
        "why",
        "last_sequence",
        "environment",
    )

    due = column("next try", moment, "due_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MessageGroup]:
        """Add the last error of each group's first waiting message."""
        waiting = Message.objects.filter(group=OuterRef("pk"), state=State.WAITING)
        error = waiting.order_by("sequence").values("last_error")[:1]
        groups: QuerySet[MessageGroup] = super().get_queryset(request)
        return groups.annotate(head_error=Subquery(error))

    @admin.display(description="about")
    def about(self, group: MessageGroup) -> str:
        return subject_of(group)

    @admin.display(description="last error of its first message")
    def why(self, group: Any) -> str:
        return reason(group.head_error or "")

    def links(self, group: MessageGroup) -> Iterable[str]:
        """Link to the messages in the group."""
        yield listed(Message, "Messages", group=group.pk)
        yield listed(Message, "Waiting", group=group.pk, state__exact=State.WAITING)
        yield listed(Message, "Dead letters", group=group.pk, state__exact=State.DEAD)

    def buttons(self, group: MessageGroup) -> dict[str, str]:
        """Offer to try what waits."""
        return {"try_now": "Try now"} if group.due_at else {}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by the whole key, which has an index."""
        if not search_term:
            return queryset, False
        key = search_term.strip()
        return queryset.filter(environment=conf.environment(), key=key), False

    @admin.action(description="Try the selected groups now", permissions=["operate"])
    def try_now(self, request: HttpRequest, groups: QuerySet[MessageGroup]) -> None:
        """Have groups that wait for their next try tried at once."""
        done = 0
        for group in groups.filter(due_at__isnull=False)[: self.at_once]:
            if try_now(group=group):
                done += 1
                self.log_change(request, group, "Made due.")
        told = f"{done:,} group{pluralize(done)} will be tried now."
        self.message_user(request, told, messages.SUCCESS if done else messages.WARNING)
