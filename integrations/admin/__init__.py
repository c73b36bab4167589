"""Shows an operator the traffic with Alloy, and lets them do something about it.

Everything here is read-only history with a few buttons; what they do is in `outbox`, `inbox`,
`unprovisioned` and `circuit`. Other apps build their pages of the same parts, `rows` and `pages`,
and add to these pages with the signal `pages.row_shown`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

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
from integrations.inbox import replay
from integrations.models import (
    AlloyUser,
    Attempt,
    Circuit,
    Delivery,
    IntegrationsSnapshot,
    Message,
    MessageGroup,
)
from integrations.outbox.circuit import close
from integrations.outbox.messages import LATEST_ATTEMPTS, discard, retry, try_now
from integrations.pages.snapshots import snapshot_of
from integrations.redaction import reason
from integrations.tenants.provisioning import provisioning_group
from integrations.tenants.unprovisioned import provision_now

IN_LINE = Q(due_at__isnull=False)
MISSING = Q(user_id="")


@admin.register(AlloyUser)
class AlloyUserAdmin(OperatorAdmin):
    """One tenant's Alloy user in one environment of one key."""

    list_display = (
        *("username", column("tenant", link), "at_alloy", "of_this_key", "user_id"),
        column("created_at", moment, "wanted since"),
    )
    list_select_related = ("tenant",)
    list_filter = (
        ("tenant", ChosenRow),
        conditions("ready", yes=("Exists at Alloy", ~MISSING), no=("Still to be made", MISSING)),
    )
    search_fields = ("username", "user_id")
    search_help_text = "User name or userId at Alloy, or what finds the tenant on its own page."
    actions = ("provision",)
    fields = (
        *("username", "full_name", "tenant", "at_alloy", "user_id"),
        *("environment", "of_this_key", "created_at", "provisioned_at"),
    )
    provision = operation(
        "provision",
        "Create at Alloy now",
        lambda alloy_user: provision_now(alloy_user=alloy_user),
        when=MISSING,
        done="asked for at Alloy again.",
        undone="left alone: they have no tenant any more, or belong to another key.",
    )

    @admin.display(description="exists at Alloy", boolean=True)
    def at_alloy(self, alloy_user: AlloyUser) -> bool:
        return alloy_user.is_ready and alloy_user.username != ""  # blanked once erased there

    def find(self, request: HttpRequest, term: str) -> Q:
        """Find by the user's own names, and by tenant."""
        names = Q(username__icontains=term) | Q(user_id=term)
        return names | by_tenant(request, term)

    def links(self, alloy_user: AlloyUser) -> Iterable[str]:
        """Link to all that is known of the tenant's traffic."""
        yield listed(Message, "How it was made", q=provisioning_group(alloy_user))
        yield listed(IntegrationsSnapshot, "Integrations", alloy_user=alloy_user.pk)
        if tenant := alloy_user.tenant_id:
            yield listed(Message, "Messages", tenant=tenant)
            yield listed(Delivery, "Deliveries", tenant=tenant)


def read_again(snapshot: IntegrationsSnapshot) -> bool:
    """Read a tenant's integrations from Alloy now; return whether that worked."""
    user = snapshot.alloy_user
    return user.is_ready and not snapshot_of(user, refresh=True).last_failure


@admin.register(IntegrationsSnapshot)
class IntegrationsSnapshotAdmin(OperatorAdmin):
    """A copy of what Alloy last said of one tenant's integrations."""

    list_display = (
        *("alloy_user", column("alloy_user.tenant", link, "tenant")),
        column("fetched_at", moment, "read"),
        column("changed_at", moment, "changed at Alloy"),
        column("last_failure", reason),
        column("retry_at", moment, "left alone until"),
    )
    list_select_related = ("alloy_user__tenant",)
    list_filter = (("alloy_user", ChosenRow),)
    search_fields = ("alloy_user__username", "alloy_user__user_id")
    search_help_text = "User name or userId at Alloy."
    actions = ("refresh",)
    at_once = 10  # each is a call to Alloy, made while the operator waits
    fields = (
        *("alloy_user", column("alloy_user.tenant", link, "tenant"), "fetched_at", "changed_at"),
        *(column("last_failure", block), "retry_at", column("data", pretty, "the copy")),
    )
    refresh = operation(
        "refresh",
        "Read again from Alloy",
        read_again,
        done="read again.",
        undone="not read: see the last failure, and whether the user exists at Alloy.",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[IntegrationsSnapshot]:
        """Leave the copies themselves until one is looked at."""
        return super().get_queryset(request).defer("data")

    def links(self, snapshot: IntegrationsSnapshot) -> Iterable[str]:
        return ()


@admin.register(MessageGroup)
class MessageGroupAdmin(OperatorAdmin):
    """The queue of one subject's messages: first in, first out."""

    list_display = (
        *("key", "about", "last_sequence", column("due_at", moment, "next try"), "failures"),
        column("head_error", reason, "last error of its first message"),
    )
    list_filter = (
        conditions(
            "state",
            waiting=("Has messages waiting", IN_LINE),
            failing=("Failed, to be tried again", IN_LINE & Q(failures__gt=0)),
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
        when=IN_LINE,
        done="will be tried now.",
        undone="left alone: a worker has them in hand.",
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
        """Link to the messages in the group."""
        yield listed(Message, "Messages", group=group.pk)
        yield listed(Message, "Waiting", group=group.pk, state__exact=Message.State.WAITING)
        yield listed(Message, "Dead letters", group=group.pk, state__exact=Message.State.DEAD)


_TOOK = column("seconds", "{:.2f} s".format, "took")


class AttemptsOfMessage(HistoryInline):
    """The latest tries: a message that is probed through a long outage collects thousands."""

    model = Attempt
    verbose_name_plural = f"the latest {LATEST_ATTEMPTS} attempts"
    fields = ("outcome", "status", _TOOK, "error", "started_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        """Leave out all but the latest."""
        oldest = F("message__attempts_made") - LATEST_ATTEMPTS
        return super().get_queryset(request).filter(number__gt=oldest)


@admin.register(Message)
class MessageAdmin(OperatorAdmin):
    """One thing to tell Alloy, and what became of it."""

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
        undone="discarded instead: newer news about the same subject may have arrived,"
        " and older news must not replace it.",
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
    """One try to deliver a message."""

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
            return "Open: Alloy is left alone"
        return "Half-open: the next call finds out whether Alloy is well again"


@admin.register(Delivery)
class DeliveryAdmin(OperatorAdmin):
    """One delivery of Alloy's. The body of a dead letter can be mended, beside what came."""

    list_display = (
        *("__str__", column("tenant", link), "state", "attempts_made", column("error", reason)),
        *("times_received", column("received_at", moment, "received")),
        column("processed_at", moment, "processed"),
    )
    list_select_related = ("tenant",)
    list_filter = (("tenant", ChosenRow), ("state", BoundedChoices), ("kind", BoundedChoices))
    indexed = {"waiting": IN_LINE, "dead": Q(state="dead")}  # noqa: RUF012 -- a constant
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
        """Return a body as indented JSON where it is JSON."""
        body = bytes(delivery.body).decode(errors="replace")
        try:
            return pretty(json.loads(body))
        except (ValueError, RecursionError):
            return block(body)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Leave the bodies, which may have megabytes, until one is looked at."""
        return super().get_queryset(request).defer("body", "mended", "hints")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let the body of a dead letter be mended."""
        is_dead = obj is not None and obj.state == Delivery.State.DEAD
        return is_dead and self.has_operate_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [each for each in self.get_fields(request, obj) if each != "mended"]

    def find(self, request: HttpRequest, term: str) -> Q:
        return by_number(term) | by_tenant(request, term)
