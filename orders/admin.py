"""Orders and their history, to look at: facts come from the store, statuses from the order page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from integrations.admin import BoundedChoices, ChosenRow, HistoryAdmin, link, listed, moment
from integrations.events import group_key
from integrations.models import Message
from orders.models import Order, StatusChange
from orders.selectors import timeline_of


class OfMerchant(ChosenRow):
    title = parameter_name = "merchant"


class OfOrder(ChosenRow):
    title = parameter_name = "order"


@admin.register(Order)
class OrderAdmin(HistoryAdmin):
    """An order, its timeline, and the traffic it caused."""

    change_form_template = "admin/orders/order/change_form.html"
    list_display = (
        "external_id",
        "merchant_link",
        "status",
        "customer_name",
        "items_count",
        "amount",
        "store_status",
        "received",
    )
    list_select_related = ("merchant",)
    list_filter = (OfMerchant, ("status", BoundedChoices))
    search_fields = ("^external_id", "customer_name", "customer_email", "merchant__email")
    search_help_text = "Order number, customer, or the merchant's e-mail address."
    fields = (
        "external_id",
        "merchant",
        "status",
        "customer_name",
        "customer_email",
        "items_count",
        "amount",
        "store_status",
        "placed_at",
        "modified_at",
        "received_at",
        "to_fulfil",
        "unread",
        "delivery_link",
    )

    @admin.display(description="merchant")
    def merchant_link(self, order: Order) -> str:
        return link(order.merchant)

    @admin.display(description="total")
    def amount(self, order: Order) -> str:
        return order.amount or "-"

    @admin.display(description="delivery")
    def delivery_link(self, order: Order) -> str:
        return link(order.delivery)

    @admin.display(description="received")
    def received(self, order: Order) -> str:
        return moment(order.received_at)

    def links(self, order: Order) -> Iterable[str]:
        """Link to what came in and what went out because of the order."""
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

    list_display = ("__str__", "order_link", "changed_by", "message_link", "changed")
    list_select_related = ("order", "changed_by")
    list_filter = (OfOrder, ("new_status", BoundedChoices))
    fields = ("order", "old_status", "new_status", "changed_by", "changed_at", "message_link")

    @admin.display(description="order")
    def order_link(self, change: StatusChange) -> str:
        return link(change.order)

    @admin.display(description="told by")
    def message_link(self, change: StatusChange) -> str:
        if change.message_uid is None:
            return "-"
        return listed(Message, "the message", q=change.message_uid)

    @admin.display(description="changed")
    def changed(self, change: StatusChange) -> str:
        return moment(change.changed_at)
