"""The admin as a whole: its name, its door, links between apps that do not know each other."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from integrations.admin import links
from integrations.public import Delivery
from meetings.models import Copy
from orders.models import Order
from orders.payloads import BigCommerceOrder


def order_of_delivery(delivery: Delivery) -> Order | None:
    """Return the order that a delivery made or refreshed; None when it could not."""
    try:
        received = BigCommerceOrder.model_validate_json(delivery.body)
    except ValueError:
        return None
    return Order.objects.filter(merchant=delivery.tenant, external_id=received.id).first()


links.subjects["order"] = Order
links.subjects["meeting-copy"] = Copy
links.results[Delivery.Kind.ORDER] = order_of_delivery

admin.site.site_header = "AcmeCo operations"
admin.site.site_title = "AcmeCo"
admin.site.index_title = "What is going on"
admin.site.enable_nav_sidebar = False  # the tables need the room
# Operators log in where everybody does: one form, one rate limit.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
