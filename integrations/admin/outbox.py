"""The outbox: messages to Alloy, and every try to deliver one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize

from integrations import conf
from integrations.admin.actions import OperatorAdmin
from integrations.admin.columns import column
from integrations.admin.display import block, moment, pretty, reason
from integrations.admin.filters import BoundedChoices, OfGroup, OfMessage, OfTenant
from integrations.admin.history import HistoryAdmin, HistoryInline
from integrations.admin.links import link, listed, subject_of
from integrations.admin.search import by_number, by_tenant, by_uid
from integrations.models import Attempt, Message, MessageGroup
from integrations.outbox import discard, retry

LATEST_ATTEMPTS = 50
State = Message.State


class MessageState(BoundedChoices):
    """Waiting messages and dead letters are indexed; the others are many."""

    indexed = {each: Q(state=each) for each in (State.WAITING, State.DEAD)}  # noqa: RUF012


class AttemptsOfMessage(HistoryInline):
    """The latest tries: a message that is probed through a long outage collects thousands."""

    model = Attempt
    verbose_name_plural = f"the latest {LATEST_ATTEMPTS} attempts"
    fields = ("outcome", "status", "seconds", "error", "started_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        """Leave out all but the latest."""
        oldest = F("message__attempts_made") - LATEST_ATTEMPTS
        return super().get_queryset(request).filter(number__gt=oldest)


@admin.register(Message)
class MessageAdmin(OperatorAdmin):
    """One thing to tell Alloy, and what became of it."""

    list_display = (
        "__str__",
        "says",
        "about",
        "tenant_link",
        "state",
        "attempts_made",
        "why",
        "created",
    )
    list_select_related = ("group", "tenant")
    list_filter = (OfTenant, OfGroup, ("state", MessageState))
    search_fields = ("uid",)
    search_help_text = "A message's number or unique id, the key of a group, or a tenant."
    actions = ("retry", "discard")
    inlines = (AttemptsOfMessage,)
    fields = (
        "name",
        "kind",
        "state",
        "last_error_block",
        "tenant",
        "about",
        "group",
        "sequence",
        "payload_block",
        "attempts_made",
        "created_at",
        "settled_at",
        "uid",
        "correlation_id",
    )

    tenant_link = column("tenant", link, "tenant")
    about = column("about", subject_of, "group")
    why = column("last error", reason, "last_error")
    created = column("written", moment, "created_at")
    last_error_block = column("last error", block, "last_error")
    payload_block = column("payload", pretty, "payload")

    @admin.display(description="says")
    def says(self, message: Message) -> str:
        return reason(", ".join(f"{name}: {value}" for name, value in message.payload.items()))

    def links(self, message: Message) -> Iterable[str]:
        """Link to the group, to its other messages and to all of the tenant's."""
        yield link(message.group, "MessageGroup")
        yield listed(Message, "Messages of this group", group=message.group_id)
        if message.tenant_id:
            yield listed(Message, "Messages of this tenant", tenant=message.tenant_id)

    def buttons(self, message: Message) -> dict[str, str]:
        """Offer what can still be done for the message."""
        if message.state == State.DEAD:
            return {"retry": "Retry", "discard": "Discard"}
        return {"discard": "Discard"} if message.state == State.WAITING else {}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by whole values only; every one of them has an index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        groups = MessageGroup.objects.filter(environment=conf.environment(), key=term)
        in_group = Q(group__in=list(groups.values_list("pk", flat=True)))
        matches = by_number(term) | by_uid(term) | in_group | by_tenant(request, term)
        return queryset.filter(matches), False

    @admin.action(description="Retry the selected dead letters", permissions=["operate"])
    def retry(self, request: HttpRequest, chosen: QuerySet[Message]) -> None:
        """Put dead letters back, the oldest of each group first, so that they leave in order."""
        retried = discarded = 0
        dead = chosen.filter(state=State.DEAD).order_by("group_id", "sequence")
        for message in dead[: self.at_once]:
            if retry(message=message):
                retried += 1
                self.log_change(request, message, "Retried.")
            else:
                discarded += 1
                self.log_change(request, message, "Discarded instead of retried: too old.")
        self._tell_retried(request, retried, discarded)
        self.tell_of_the_rest(request, retried + discarded)

    @admin.action(description="Discard the selected messages", permissions=["operate"])
    def discard(self, request: HttpRequest, chosen: QuerySet[Message]) -> HttpResponse | None:
        """Give messages up, after a question: Alloy will never hear of them."""
        rows = chosen.filter(state__in=(State.DEAD, State.WAITING)).order_by("group_id", "sequence")
        question = "Discard these messages? Alloy will never be told."
        if page := self.confirm(request, rows, action="discard", question=question):
            return page
        done = 0
        for message in rows[: self.at_once]:
            discard(message=message)
            self.log_change(request, message, "Discarded.")
            done += 1
        self.message_user(
            request, f"{done:,} message{pluralize(done)} discarded.", messages.SUCCESS
        )
        self.tell_of_the_rest(request, done)
        return None

    def _tell_retried(self, request: HttpRequest, retried: int, discarded: int) -> None:
        if retried:
            told = f"{retried:,} dead letter{pluralize(retried)} will be sent again."
            self.message_user(request, told, messages.SUCCESS)
        if discarded:
            told = (
                f"{discarded:,} dead letter{pluralize(discarded)} discarded instead: newer news"
                " about the same subject may have arrived, and older news must not replace it."
            )
            self.message_user(request, told, messages.WARNING)
        if not retried and not discarded:
            self.message_user(request, "None of these is a dead letter.", messages.WARNING)


@admin.register(Attempt)
class AttemptAdmin(HistoryAdmin):
    """One try to deliver a message."""

    list_display = ("__str__", "message_link", "outcome", "status", "took", "why", "started")
    list_select_related = ("message",)
    list_filter = (OfMessage, ("outcome", BoundedChoices))
    fields = ("message", "number", "outcome", "status", "took", "error_block", "started_at")

    message_link = column("message", link, "message")
    why = column("error", reason, "error")
    error_block = column("error", block, "error")
    started = column("started", moment, "started_at")

    @admin.display(description="took")
    def took(self, attempt: Attempt) -> str:
        return "-" if attempt.seconds is None else f"{attempt.seconds:.2f} s"

    def links(self, attempt: Attempt) -> Iterable[str]:
        """Link to the message's other tries."""
        yield listed(Attempt, "All attempts of this message", message=attempt.message_id)
