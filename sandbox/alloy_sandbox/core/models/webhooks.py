"""What the sandbox posts to the ISV."""

from __future__ import annotations

from django.db import models

from alloy_sandbox.core.models.executions import Execution
from alloy_sandbox.core.models.people import User


class SigningKey(models.Model):
    """The one RSA key pair that signs webhooks, and the secret that signs the users' JWTs."""

    private_pem = models.TextField()
    token_secret = models.CharField(max_length=128)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"key pair made {self.created_at:%Y-%m-%d}"


class WebhookDelivery(models.Model):
    """A request to be made to the ISV, kept with all of its attempts.

    `next_attempt_at` is null once it was delivered or given up.
    """

    class Kind(models.TextChoices):
        INSTALLATION = "installation", "Installation"
        ORDER = "order", "Order"
        ERROR = "error", "Error"

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    user = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False)
    execution = models.ForeignKey(
        Execution, models.SET_NULL, null=True, db_constraint=False, related_name="deliveries"
    )
    url = models.TextField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    attempts_left = models.PositiveSmallIntegerField()
    next_attempt_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=("next_attempt_at",),
                condition=models.Q(next_attempt_at__isnull=False),
                name="webhooks_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} webhook {self.pk}"


class WebhookAttempt(models.Model):
    """One attempt at a delivery. `response_status` is null when no answer came."""

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="attempts")
    started_at = models.DateTimeField()
    milliseconds = models.FloatField()
    response_status = models.PositiveSmallIntegerField(null=True)
    response_body = models.TextField(blank=True, default="")
    error = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"attempt at {self.delivery_id}"
