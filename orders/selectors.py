"""Queries about orders. A merchant's queries start from the merchant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from integrations.models import Message
from integrations.outbox import messages_by_uid
from orders.models import NOT_TO_FULFIL, Order, Status, StatusChange

if TYPE_CHECKING:
    from accounts.models import User

PAGE_SIZE = 25
COUNT_LIMIT = 1000
SEARCHED_AT_ONCE = 25_000
EXPORTED_AT_ONCE = 500
FACTS = (
    *("external_id", "status", "customer_name", "customer_email", "total", "currency"),
    *("items_count", "store_status", "to_fulfil", "placed_at", "modified_at", "received_at"),
)


@dataclass(frozen=True)
class Page:
    """One page of orders, newest first; `next_before` is the id the next page starts below.

    `is_searched_so_far`: older orders may fit as well, and were not looked at yet.
    """

    orders: list[Order]
    next_before: int | None
    is_searched_so_far: bool = False


@dataclass(frozen=True)
class Step:
    """One entry of an order's timeline: a status change and the message that tells the store."""

    change: StatusChange
    message: Message | None


def orders_of(merchant: User, using: str | None = None) -> QuerySet[Order]:
    """Return all that we know of the merchant's orders, newest first."""
    # A merchant of one database cannot be set on orders of another, as `merchant.orders` would.
    orders = Order.objects.using(using).filter(merchant=merchant) if using else merchant.orders
    return orders.order_by("-id")


def orders_to_fulfil(merchant: User, using: str | None = None) -> QuerySet[Order]:
    """Return the merchant's orders, newest first, without unfinished and deleted ones."""
    return _by_index(orders_of(merchant, using), to_fulfil=True)


def _by_index(orders: QuerySet[Order], *, to_fulfil: bool) -> QuerySet[Order]:
    """SQLite finds by an index what is compared; `= True` Django writes as the bare column."""
    return orders.filter(to_fulfil__in=[to_fulfil])


def orders_after(merchant: User, newest: int | None, using: str | None = None) -> QuerySet[Order]:
    """Return the orders that arrived after the one with this id, newest first; none for None."""
    if newest is None:
        return Order.objects.none()
    return orders_to_fulfil(merchant, using).filter(pk__gt=newest)


def newest_order_id(merchant: User, using: str | None = None) -> int:
    """Return the id of the merchant's newest order, 0 when there is none."""
    return orders_to_fulfil(merchant, using).values_list("pk", flat=True).first() or 0


def count_by_status(merchant: User) -> dict[Status, int]:
    """Return how many orders have each status, counting to `COUNT_LIMIT` and no further."""
    return {
        status: orders_to_fulfil(merchant).filter(status=status)[:COUNT_LIMIT].count()
        for status in Status
    }


def has_changed_a_status(merchant: User) -> bool:
    """Return whether any of the merchant's newest orders has a history."""
    newest = orders_of(merchant).values("pk")[:COUNT_LIMIT]
    return StatusChange.objects.filter(order__in=newest).exists()


def latest_changes(merchant: User, *, limit: int) -> list[StatusChange]:
    """Return the latest status changes among the merchant's newest orders, the latest first."""
    newest = orders_to_fulfil(merchant).values("pk")[:COUNT_LIMIT]
    changes = StatusChange.objects.filter(order__in=newest).select_related("order")
    return list(changes.order_by("-pk")[:limit])


def order_page(
    merchant: User,
    *,
    status: str = "",
    search: str = "",
    before: int | None = None,
    using: str | None = None,
) -> Page:
    """Return a page of orders by key, not by offset, so that page 1,000 costs what page 1 does.

    A search for a whole number or e-mail address finds it however old, by an index. One for a part
    of a number, name or address reads order after order, `SEARCHED_AT_ONCE` for a page at most.
    """
    not_to_fulfil = status == NOT_TO_FULFIL
    orders = _by_index(orders_of(merchant, using), to_fulfil=not not_to_fulfil)
    if status in Status.values:
        orders = orders.filter(status=status)
    if search and (known := orders.filter(_is(search))).exists():
        orders, search = known, ""
    if before is not None:
        orders = orders.filter(id__lt=before)
    return _search_page(orders, search) if search else _page(orders)


def _page(orders: QuerySet[Order]) -> Page:
    found = list(orders[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    return Page(found[:PAGE_SIZE], next_before=found[PAGE_SIZE - 1].pk if more else None)


def _search_page(orders: QuerySet[Order], search: str) -> Page:
    """Return what fits among the first `SEARCHED_AT_ONCE` of the orders."""
    ids = orders.values_list("pk", flat=True)
    beyond = ids[SEARCHED_AT_ONCE : SEARCHED_AT_ONCE + 1].first()
    page = _page(orders.filter(_has(search), id__gt=beyond or 0))
    if beyond is None or page.next_before is not None:
        return page
    return replace(page, next_before=beyond + 1, is_searched_so_far=True)


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


def _is(search: str) -> Q:
    if "@" in search:
        return Q(Exact(Lower("customer_email"), Lower(Value(search))))
    return Q(external_id=search)


def _has(search: str) -> Q:
    return (
        Q(external_id__istartswith=search)
        | Q(customer_name__icontains=search)
        | Q(customer_email__icontains=search)
    )
