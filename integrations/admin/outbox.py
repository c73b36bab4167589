"""The outbox: message groups, their messages, the attempts to send them, and the circuit."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone

from integrations import conf
from integrations.admin.pages import HistoryAdmin, HistoryInline, OperatorAdmin, operation
from integrations.admin.rows import (
    BoundedChoices,
    ChosenRow,
    block,
    by_number,
    by_tenant,
    by_uid,
    column,
    conditions,
    link,
    listed,
    moment,
    pretty,
    subject_of,
)
from integrations.models import Attempt, Circuit, Message, MessageGroup
from integrations.outbox.circuit import close
from integrations.outbox.messages import LATEST_ATTEMPTS, discard, retry, try_now
from integrations.redaction import reason

WAITING = Q(due_at__isnull=False)


@admin.register(MessageGroup)
class MessageGroupAdmin(OperatorAdmin):
    """The messages about one subject: first in, first out."""

    list_display = (
        *("key", "about", "last_sequence", column("due_at", moment, "next try"), "failures"),
        column("head_error", reason, "last error of its first message"),
    )
    list_filter = (
        conditions(
            "state",
            waiting=("Has messages waiting", WAITING),
            failing=("Failed, to be tried again", WAITING & Q(failures__gt=0)),
        ),
    )
    search_fields = ("key",)
    search_help_text = "The whole key of a group, such as 12:order:345."
    actions = ("try_now",)
    fields = (
        *("key", "about", "due_at", "failures"),
        *(column("head_error", block, "last error"), "last_sequence", "environment"),
    )
    try_now = operation(
        "try_now",
        "Try now",
        lambda group: try_now(group=group),
        when=WAITING,
        done="will be tried now.",
        undone="not changed: a worker has the lease.",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[MessageGroup]:
        """Add the last error of each group's first waiting message."""
        waiting = Message.objects.filter(group=OuterRef("pk"), state=Message.State.WAITING)
        error = waiting.order_by("sequence").values("last_error")[:1]
        groups: QuerySet[MessageGroup] = super().get_queryset(request)
        return groups.annotate(head_error=Subquery(error))

    def find(self, request: HttpRequest, term: str) -> Q:
        return Q(environment=conf.environment(), key=term)

    @admin.display(description="about")
    def about(self, group: MessageGroup) -> str:
        return subject_of(group)

    def links(self, group: MessageGroup) -> Iterable[str]:
        yield listed(Message, "Messages", group=group.pk)
        yield listed(Message, "Waiting", group=group.pk, state__exact=Message.State.WAITING)
        yield listed(Message, "Dead letters", group=group.pk, state__exact=Message.State.DEAD)


_TOOK = column("seconds", "{:.2f} s".format, "took")


class AttemptsOfMessage(HistoryInline):
    """The latest attempts: a message that is probed through a long outage has thousands."""

    model = Attempt
    verbose_name_plural = f"the latest {LATEST_ATTEMPTS} attempts"
    fields = ("outcome", "status", _TOOK, "error", "started_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        """Return the latest only."""
        oldest = F("message__attempts_made") - LATEST_ATTEMPTS
        return super().get_queryset(request).filter(number__gt=oldest)


@admin.register(Message)
class MessageAdmin(OperatorAdmin):
    """One call to Alloy, and its outcome."""

    list_display = (
        *("__str__", "says", column("group", subject_of, "about"), column("tenant", link)),
        *("state", "attempts_made", column("last_error", reason)),
        column("created_at", moment, "written"),
    )
    list_select_related = ("group", "tenant")
    list_filter = (("tenant", ChosenRow), ("group", ChosenRow), ("state", BoundedChoices))
    indexed = {each: Q(state=each) for each in ("waiting", "dead")}  # noqa: RUF012 -- a constant
    search_fields = ("uid",)
    search_help_text = "A message's number or unique id, the key of a group, or a tenant."
    actions = ("retry", "discard")
    inlines = (AttemptsOfMessage,)
    fields = (
        *("name", "kind", "state", column("last_error", block), "tenant"),
        *(column("group", subject_of, "about"), "group", "sequence", column("payload", pretty)),
        *("attempts_made", "created_at", "settled_at", "uid", "correlation_id"),
    )
    retry = operation(
        "retry",
        "Retry",
        lambda message: retry(message=message),
        when=Q(state=Message.State.DEAD),
        order=("group_id", "sequence"),  # so that they leave in order
        done="will be sent again.",
        undone="discarded instead: a newer message about the same subject may have been sent,"
        " and an older one must not replace it.",
    )
    discard = operation(
        "discard",
        "Discard",
        lambda message: discard(message=message),
        when=Q(state__in=(Message.State.DEAD, Message.State.WAITING)),
        order=("group_id", "sequence"),
        done="discarded.",
        question="Discard these messages? Alloy will never be told.",
    )

    @admin.display(description="says")
    def says(self, message: Message) -> str:
        return reason(", ".join(f"{name}: {value}" for name, value in message.payload.items()))

    def find(self, request: HttpRequest, term: str) -> Q:
        groups = MessageGroup.objects.filter(environment=conf.environment(), key=term)
        in_group = Q(group__in=list(groups.values_list("pk", flat=True)))
        return by_number(term) | by_uid(term) | in_group | by_tenant(request, term)


@admin.register(Attempt)
class AttemptAdmin(HistoryAdmin):
    """One attempt to send a message."""

    list_display = (
        *("__str__", column("message", link), "outcome", "status", _TOOK),
        *(column("error", reason), column("started_at", moment, "started")),
    )
    list_select_related = ("message",)
    list_filter = (("message", ChosenRow), ("outcome", BoundedChoices))
    fields = (
        *("message", "number", "outcome", "status", _TOOK),
        *(column("error", block), "started_at"),
    )


@admin.register(Circuit)
class CircuitAdmin(OperatorAdmin):
    """One per environment; while it is open only one call at a time probes Alloy."""

    list_display = (
        *("state", "failures", "openings", column("open_until", moment, "next probe")),
        *("of_this_key", "environment"),
    )
    actions = ("close",)
    fields = ("state", "failures", "openings", "open_until", "environment", "of_this_key")
    close = operation(
        "close",
        "Close it and try now",
        lambda circuit: close(circuit=circuit),
        when=Q(open_until__isnull=False),
        done="closed. What is due is sent now; if Alloy is still down, it soon opens again.",
    )

    @admin.display(description="state")
    def state(self, circuit: Circuit) -> str:
        if circuit.open_until is None:
            return "Closed: Alloy is called"
        if circuit.open_until > timezone.now():
            return "Open: Alloy is not called"
        return "Half-open: the next call tells whether Alloy answers again"
