"""Orders that arrived from a merchant's store, and what became of each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from integrations.models import Delivery
from orders.money import written


class Status(models.TextChoices):
    """The fulfillment status of an order; the value is sent to the store unchanged."""

    RECEIVED = "RECEIVED", _("Received")
    PICKING = "PICKING", _("Picking")
    PACKED = "PACKED", _("Packed")
    SHIPPED = "SHIPPED", _("Shipped")
    FULFILLED = "FULFILLED", _("Fulfilled")
    CANCELLED = "CANCELLED", _("Cancelled")


NOT_TO_FULFIL = "NOT_TO_FULFIL"
"""Not a status: names the orders that were not finished by the shopper, or deleted since."""


class Order(models.Model):
    """An order of a merchant's store. `external_id` is the store's own id for it.

    A checkout that nobody finished and an order that the store has deleted are kept, since the
    store may send more about them, and are not `to_fulfil`: merchants do not see them.
    """

    merchant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="orders"
    )
    external_id = models.CharField("order number", max_length=64)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.RECEIVED)
    customer_name = models.CharField(max_length=200, blank=True)
    customer_email = models.CharField(max_length=254, blank=True)
    total = models.DecimalField(
        max_digits=16, decimal_places=4, null=True, blank=True, help_text="Tax included, as paid."
    )
    currency = models.CharField(max_length=3, blank=True, help_text="That it was paid in.")
    items_count = models.PositiveIntegerField("items", default=0)
    store_status = models.CharField(max_length=60, blank=True, help_text="When it arrived.")
    to_fulfil = models.BooleanField(default=True)
    unread = models.CharField(
        "not readable", max_length=300, blank=True, help_text="Fields that made no sense."
    )
    placed_at = models.DateTimeField(null=True, blank=True, help_text="In the store.")
    modified_at = models.DateTimeField(null=True, blank=True, help_text="In the store.")
    received_at = models.DateTimeField(auto_now_add=True)
    delivery = models.ForeignKey(
        Delivery,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="What the facts come from; forgotten after a while.",
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("merchant", "external_id"), name="one_order_per_number_and_merchant"
            ),
        )
        indexes = (
            models.Index(fields=("merchant", "to_fulfil", "-id"), name="orders_newest_first"),
            models.Index(
                fields=("merchant", "to_fulfil", "status", "-id"), name="orders_by_status"
            ),
            models.Index(
                "merchant", Lower("customer_email"), models.F("id").desc(), name="orders_by_email"
            ),
        )

    def __str__(self) -> str:
        return f"Order {self.external_id}"

    @property
    def amount(self) -> str:
        """The total as the reader writes it, such as "10.125 KWD"; "" if unknown."""
        return "" if self.total is None else written(self.total, self.currency)

    @property
    def subject(self) -> str:
        """The subject of the events about this order, and so their message group."""
        return f"order:{self.pk}"


class StatusChange(models.Model):
    """One step in an order's history. Never changed, never deleted on its own."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="changes")
    old_status = models.CharField(max_length=12, choices=Status.choices)
    new_status = models.CharField(max_length=12, choices=Status.choices)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    message_uid = models.UUIDField(null=True, help_text="The outbox message that tells the store.")
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.get_old_status_display()} to {self.get_new_status_display()}"
