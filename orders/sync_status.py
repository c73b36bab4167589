"""The sync status: how far a fulfillment status has come on its way to the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.alloy import ExecutionState
from integrations.event_results import (
    EventResult,
    are_runs_followed,
    event_results,
    no_workflow_runs_since,
)
from integrations.models import Attempt, Message
from integrations.outbox import messages_by_uid
from orders.events import FULFILLMENT_UPDATED
from orders.models import Order, StatusChange

if TYPE_CHECKING:
    from accounts.models import User

Outcome = Attempt.Outcome

UNTIL_A_RUN_IS_MISSED = timedelta(minutes=2)
"""So long after Alloy took an event its run may be on its way; then we say that we know of none."""


@dataclass(frozen=True)
class SyncStatus:
    """The sync status in words. `tone` is good, waiting, bad, info or empty; `at` is since when.

    `reason` says why, and what to do next. `results` are the runs that it started, so far as known.
    """

    words: str
    tone: str = ""
    at: datetime | None = None
    reason: str = ""
    try_again_at: datetime | None = None
    is_under_way: bool = False
    results: tuple[EventResult, ...] = ()


def sync_statuses_of(messages: Mapping[UUID, Message]) -> dict[UUID, SyncStatus]:
    """Return, by message, how far its status has come; two queries in all."""
    results = event_results(messages)
    unknown = {
        message.tenant_id
        for uid, message in messages.items()
        if message.state == Message.State.DELIVERED and uid not in results
    }
    paused = {tenant: no_workflow_runs_since(tenant) for tenant in unknown}
    return {
        uid: sync_status_of(message, results.get(uid, ()), paused.get(message.tenant_id))
        for uid, message in messages.items()
    }


def sync_status_of(
    message: Message | None,
    results: Sequence[EventResult] = (),
    paused_since: datetime | None = None,
) -> SyncStatus:
    """Return how far a status has come; without a message its record has been cleared.

    `results` are the runs that it started, `paused_since` says since when every workflow that it
    could start is paused; None while one is not.
    """
    if message is None:
        return SyncStatus(_("The record of this update has been cleared"))
    match message.state:
        case Message.State.DELIVERED if paused_since and not results:
            was_paused = paused_since <= _taken_at(message)
            return _paused(message) if was_paused else _delivered(message, ())
        case Message.State.DELIVERED:
            return _delivered(message, tuple(results))
        case Message.State.DEAD:
            return _dead_letter(message)
        case Message.State.DISCARDED:
            return SyncStatus(_("AcmeCo's support decided not to send it"), at=message.settled_at)
        case _:
            return _waiting(message)


def latest_sync_statuses(orders: Iterable[Order]) -> dict[int, SyncStatus]:
    """Return, by order id, how far the last change of each has come; five queries in all."""
    latest = StatusChange.objects.filter(order=OuterRef("pk")).order_by("-pk")
    uid_of: dict[int, UUID | None] = dict(
        Order.objects.filter(pk__in=[order.pk for order in orders])
        .annotate(message_uid=Subquery(latest.values("message_uid")[:1]))
        .values_list("pk", "message_uid")
    )
    found = sync_statuses_of(messages_by_uid([uid for uid in uid_of.values() if uid]))
    return {pk: found.get(uid) or sync_status_of(None) for pk, uid in uid_of.items() if uid}


def orders_not_in_sync(
    merchant: User, *, failed: Iterable[str] = (), limit: int = 5
) -> list[Order]:
    """Return orders whose latest status is not in the store and will not get there by itself.

    `failed` are the numbers of orders that failed runs were about; the others Alloy never took.
    """
    given_up = Message.objects.filter(
        tenant=merchant, name=FULFILLMENT_UPDATED, state=Message.State.DEAD
    ).order_by("-settled_at")[:limit]
    refused = [message.payload["orderId"] for message in given_up]
    numbers = list(dict.fromkeys([*refused, *failed]))[: 2 * limit]
    orders = list(Order.objects.filter(merchant=merchant, external_id__in=numbers))
    found = latest_sync_statuses(orders)
    stuck = [order for order in orders if order.pk in found and found[order.pk].tone == "bad"]
    return sorted(stuck, key=lambda order: numbers.index(order.external_id))[:limit]


def _delivered(message: Message, results: tuple[EventResult, ...]) -> SyncStatus:
    """Return how far an event is that Alloy took: the store has it once the run succeeds."""
    if failed := [each for each in results if each.state is ExecutionState.FAILED]:
        return SyncStatus(
            _("%(apps)s was not updated") % {"apps": _names(failed)},
            "bad",
            at=max(each.at for each in failed),
            reason=failed[0].words,
            results=results,
        )
    if results and all(each.state is ExecutionState.SUCCEEDED for each in results):
        last = max(each.at for each in results)
        words = _("%(apps)s updated") % {"apps": _names(results)}
        return SyncStatus(words, "good", at=last, results=results)
    age = timezone.now() - _taken_at(message)
    missed = not results and age > UNTIL_A_RUN_IS_MISSED and are_runs_followed()
    reason = _(
        "No workflow has taken it up, as far as we know. If one is paused, resume it, then set the"
        " status again."
    )
    return SyncStatus(
        _("Handed to Alloy"),
        "waiting" if missed else "info",
        at=message.settled_at,
        reason=reason if missed else "",
        is_under_way=are_runs_followed() and not missed,
        results=results,
    )


def _paused(message: Message) -> SyncStatus:
    reason = _(
        "The workflow that would tell your store is paused. Resume it under Integrations, then set"
        " the status again."
    )
    return SyncStatus(_("Paused, so nothing was run"), "waiting", message.settled_at, reason)


def _taken_at(message: Message) -> datetime:
    return message.settled_at or message.created_at


def _names(results: Iterable[EventResult]) -> str:
    return ", ".join(dict.fromkeys(each.app for each in results))


def _waiting(message: Message) -> SyncStatus:
    attempts = list(message.attempts.all())
    if not attempts and message.group.failures:
        return SyncStatus(_("Waits for the one before it"), "waiting", is_under_way=True)
    if not attempts:
        return SyncStatus(_("Waiting to be sent"), "waiting", is_under_way=True)
    if attempts[-1].outcome == Outcome.STARTED:
        return SyncStatus(_("Being sent"), "waiting", is_under_way=True)
    reason = _("Alloy, our integration partner, did not take it. Nothing is lost: we keep trying.")
    return SyncStatus(
        _("Not sent yet, we try again"),
        "waiting",
        reason=reason,
        try_again_at=message.group.due_at,
        is_under_way=True,
    )


def _dead_letter(message: Message) -> SyncStatus:
    attempts = list(message.attempts.all())
    if attempts and attempts[-1].outcome == Outcome.REFUSED:
        words = _("Alloy refused it")
    else:
        words = _("Given up after %(count)s attempts") % {"count": message.attempts_made}
    reason = _(
        "Your store does not know this status. Our support team sees this; setting another"
        " status sends that one anew."
    )
    return SyncStatus(words, "bad", at=message.settled_at, reason=reason)
