"""Orders and their history, to look at: facts come from the store, statuses from the order page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from integrations.admin.pages import HistoryAdmin, row_shown
from integrations.admin.rows import (
    BoundedChoices,
    ChosenRow,
    column,
    link,
    listed,
    moment,
    subjects,
)
from integrations.events import group_key
from integrations.models import Delivery, Message
from orders.models import Order, StatusChange
from orders.selectors import timeline_of

subjects["order"] = Order

TOLD_BY = column("message_uid", lambda uid: listed(Message, "the message", q=uid), "told by")


@receiver(row_shown, sender=Delivery)
def link_to_order(row: Delivery, **_: Any) -> list[str]:
    """Link from a delivery to the order that it made or refreshed last."""
    return [link(order) for order in Order.objects.filter(delivery=row)[:1]]


@admin.register(Order)
class OrderAdmin(HistoryAdmin):
    """An order, its timeline, and the traffic it caused."""

    change_form_template = "admin/orders/order/change_form.html"
    list_display = (
        *("external_id", column("merchant", link), "status", "customer_name", "items_count"),
        *(column("amount", str, "total"), "store_status"),
        column("received_at", moment, "received"),
    )
    list_select_related = ("merchant",)
    list_filter = (("merchant", ChosenRow), ("status", BoundedChoices))
    search_fields = ("^external_id", "customer_name", "customer_email", "merchant__email")
    search_help_text = "Order number, customer, or the merchant's e-mail address."
    fields = (
        *("external_id", "merchant", "status", "customer_name", "customer_email", "items_count"),
        *(column("amount", str, "total"), "store_status", "placed_at", "modified_at"),
        *("received_at", "to_fulfil", "unread", column("delivery", link)),
    )

    def links(self, order: Order) -> Iterable[str]:
        """Link to what came in and what went out because of the order."""
        yield from super().links(order)
        key = group_key(tenant=order.merchant, subject=order.subject)
        yield listed(Message, "Messages about this order", q=key)
        yield listed(StatusChange, "Status changes", order=order.pk)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        """Add the timeline to the page."""
        context["timeline"] = timeline_of(context["original"])
        return super().render_change_form(request, context, *args, **options)


@admin.register(StatusChange)
class StatusChangeAdmin(HistoryAdmin):
    """One step in an order's history."""

    list_display = (
        *("__str__", column("order", link), "changed_by", TOLD_BY),
        column("changed_at", moment, "changed"),
    )
    list_select_related = ("order", "changed_by")
    list_filter = (("order", ChosenRow), ("new_status", BoundedChoices))
    fields = ("order", "old_status", "new_status", "changed_by", "changed_at", TOLD_BY)
