"""How far the store was told about a status, in words a merchant understands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import OuterRef, Subquery

from integrations.models import Attempt, Message
from integrations.outbox import messages_by_uid
from orders.events import FULFILLMENT_UPDATED
from orders.models import Order, StatusChange

if TYPE_CHECKING:
    from accounts.models import User

Outcome = Attempt.Outcome


@dataclass(frozen=True)
class Telling:
    """Where telling the store stands. `tone` is good, waiting, bad or empty."""

    words: str
    tone: str = ""
    reason: str = ""
    try_again_at: datetime | None = None

    @property
    def is_under_way(self) -> bool:
        return self.tone == "waiting"


def telling_of(message: Message | None) -> Telling:
    """Return where telling the store stands; without a message its record has been cleared."""
    if message is None:
        return Telling("The record of telling the store has been cleared")
    match message.state:
        case Message.State.DELIVERED:
            return Telling("The store was told", "good")
        case Message.State.DEAD:
            return _given_up(message)
        case Message.State.DISCARDED:
            return Telling("AcmeCo's support decided not to tell the store")
        case _:
            return _still_waiting(message)


def latest_tellings(orders: Iterable[Order]) -> dict[int, Telling]:
    """Return, by order id, how far the store was told of the last change; three queries in all."""
    latest = StatusChange.objects.filter(order=OuterRef("pk")).order_by("-pk")
    uid_of: dict[int, UUID | None] = dict(
        Order.objects.filter(pk__in=[order.pk for order in orders])
        .annotate(message_uid=Subquery(latest.values("message_uid")[:1]))
        .values_list("pk", "message_uid")
    )
    messages = messages_by_uid([uid for uid in uid_of.values() if uid])
    return {pk: telling_of(messages.get(uid)) for pk, uid in uid_of.items() if uid}


def orders_the_store_was_not_told_of(merchant: User, *, limit: int) -> list[Order]:
    """Return orders whose latest status was given up on, the latest refused first."""
    given_up = Message.objects.filter(
        tenant=merchant, name=FULFILLMENT_UPDATED, state=Message.State.DEAD
    ).order_by("-settled_at")[:limit]
    numbers = list(dict.fromkeys(message.payload["orderId"] for message in given_up))
    orders = list(Order.objects.filter(merchant=merchant, external_id__in=numbers))
    tellings = latest_tellings(orders)
    untold = [order for order in orders if tellings[order.pk].tone == "bad"]
    return sorted(untold, key=lambda order: numbers.index(order.external_id))


def _still_waiting(message: Message) -> Telling:
    tries = list(message.attempts.all())
    if not tries and message.group.failures:
        return Telling("Waits for the one before it", "waiting")
    if not tries:
        return Telling("Waiting to be sent", "waiting")
    if tries[-1].outcome == Outcome.STARTED:
        return Telling("Being sent", "waiting")
    return Telling(
        "Could not be delivered yet, we try again",
        "waiting",
        reason=message.last_error,
        try_again_at=message.group.due_at,
    )


def _given_up(message: Message) -> Telling:
    tries = list(message.attempts.all())
    if tries and tries[-1].outcome == Outcome.REFUSED:
        return Telling("Our integration partner refused it", "bad", reason=message.last_error)
    return Telling(
        f"Given up after {message.attempts_made} tries", "bad", reason=message.last_error
    )
