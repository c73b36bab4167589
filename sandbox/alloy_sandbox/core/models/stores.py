"""The small BigCommerce behind the sandbox."""

from __future__ import annotations

from django.db import models

from alloy_sandbox.core.models.people import User

FIRST_ORDER_NUMBER = 100


class Store(models.Model):
    """A merchant's store. Like BigCommerce it numbers its own orders, from 100 on."""

    user = models.OneToOneField(User, models.CASCADE, related_name="store")
    next_number = models.PositiveIntegerField(default=FIRST_ORDER_NUMBER)

    def __str__(self) -> str:
        return f"store of {self.user_id}"


class StoreOrder(models.Model):
    """An order as the store sees it. `payload` is the JSON that BigCommerce's API would answer."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="orders")
    number = models.PositiveBigIntegerField()
    status = models.CharField(max_length=200)
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("store", "number")
        constraints = (
            models.UniqueConstraint(fields=("store", "number"), name="one_order_per_number"),
        )

    def __str__(self) -> str:
        return f"order {self.number}"
