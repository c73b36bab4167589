"""Everything that reads orders. A merchant's queries start from the merchant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from integrations.public import Message, messages_by_uid
from orders.models import Order, Status, StatusChange

if TYPE_CHECKING:
    from accounts.models import User

PAGE_SIZE = 25
COUNT_LIMIT = 1000
EXPORTED_AT_ONCE = 500
FACTS = (
    *("external_id", "status", "customer_name", "customer_email", "total", "currency"),
    *("items_count", "store_status", "placed_at", "modified_at", "received_at"),
)


@dataclass(frozen=True)
class Page:
    """One page of orders, newest first; `next_before` is the id the next page starts below."""

    orders: list[Order]
    next_before: int | None


@dataclass(frozen=True)
class Step:
    """One entry of an order's timeline: a status change and the message that tells the store."""

    change: StatusChange
    message: Message | None


def orders_of(merchant: User) -> QuerySet[Order]:
    """Return the merchant's orders, newest first."""
    return Order.objects.filter(merchant=merchant).order_by("-id")


def orders_after(merchant: User, newest: int | None) -> QuerySet[Order]:
    """Return the orders that arrived after the one with this id, newest first; none for None."""
    return orders_of(merchant).filter(pk__gt=newest) if newest is not None else Order.objects.none()


def newest_order_id(merchant: User) -> int:
    """Return the id of the merchant's newest order, 0 when there is none."""
    return orders_of(merchant).values_list("pk", flat=True).first() or 0


def count_by_status(merchant: User) -> dict[Status, int]:
    """Return how many orders have each status, counting to `COUNT_LIMIT` and no further."""
    return {
        status: orders_of(merchant).filter(status=status)[:COUNT_LIMIT].count() for status in Status
    }


def has_changed_a_status(merchant: User) -> bool:
    """Return whether any of the merchant's newest orders has a history."""
    newest = orders_of(merchant).values("pk")[:COUNT_LIMIT]
    return StatusChange.objects.filter(order__in=newest).exists()


def order_page(
    merchant: User, *, status: str = "", search: str = "", before: int | None = None
) -> Page:
    """Return a page of orders by key, not by offset, so that page 1,000 costs what page 1 does."""
    orders = orders_of(merchant)
    if status in Status.values:
        orders = orders.filter(status=status)
    if search:
        orders = orders.filter(_matches(search))
    if before is not None:
        orders = orders.filter(id__lt=before)
    found = list(orders[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    return Page(found[:PAGE_SIZE], next_before=found[PAGE_SIZE - 1].pk if more else None)


def timeline_of(order: Order) -> list[Step]:
    """Return the order's history, oldest first, each change with its delivery and attempts."""
    changes = list(order.changes.select_related("changed_by"))
    messages = messages_by_uid([change.message_uid for change in changes if change.message_uid])
    return [
        Step(change, messages.get(change.message_uid) if change.message_uid else None)
        for change in changes
    ]


def export_orders(merchant: User) -> Iterable[Mapping[str, Any]]:
    """Return the merchant's orders, oldest first, as plain rows, read lazily."""
    rows: QuerySet[Any, Mapping[str, Any]] = orders_of(merchant).order_by("pk").values(*FACTS)
    return rows.iterator(chunk_size=EXPORTED_AT_ONCE)


def export_history(merchant: User) -> Iterable[Mapping[str, Any]]:
    """Return every status change of the merchant's orders, oldest first, as plain rows."""
    return (
        StatusChange.objects.filter(order__merchant=merchant)
        .order_by("pk")
        .values("order__external_id", "old_status", "new_status", "changed_at", "message_uid")
        .iterator(chunk_size=EXPORTED_AT_ONCE)
    )


def _matches(search: str) -> Q:
    return (
        Q(external_id__istartswith=search)
        | Q(customer_name__icontains=search)
        | Q(customer_email__icontains=search)
    )
