"""What has run, what came in and went out, and how the sandbox is to behave.

The rows of what has run outlive the user and the installation that they speak of.
"""

from __future__ import annotations

from django.db import models

from alloy_sandbox.core import ids
from alloy_sandbox.core.models.catalogue import Workflow
from alloy_sandbox.core.models.users import Installation, User


class AcceptedEvent(models.Model):
    """A custom event that was taken; the primary key is the order in which they were taken."""

    user = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False)
    event = models.CharField(max_length=200)
    data = models.JSONField()
    idempotency_key = models.CharField(max_length=255, blank=True, default="")
    accepted_at = models.DateTimeField(auto_now_add=True)


class Execution(models.Model):
    """One run of one user's copy of a workflow.

    `stopped_at` is null while it runs (a Stream Data block is still trying to deliver). `failed`
    stays when a purge of the user's logs has emptied `inputs`, `results` and `error`, so that the
    analytics keep their counts.
    """

    execution_id = models.CharField(max_length=21, unique=True, default=ids.execution_id)
    object_id = models.CharField(max_length=24, unique=True, default=ids.object_id)
    user = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="executions")
    installation = models.ForeignKey(Installation, models.DO_NOTHING, db_constraint=False)
    version = models.PositiveIntegerField()
    mode = models.CharField(max_length=20, default="trigger")
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    failed = models.BooleanField(default=False)
    error = models.TextField(blank=True, default="")
    inputs = models.JSONField(default=list)
    results = models.JSONField(default=list)
    actions = models.PositiveIntegerField(default=0)
    purged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("workflow", "user", "-id"), name="logs_of_a_workflow"),)


class SigningKey(models.Model):
    """The one RSA key pair that signs webhooks, and the secret that signs the users' JWTs."""

    private_pem = models.TextField()
    token_secret = models.CharField(max_length=128)


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
    execution = models.ForeignKey(Execution, models.SET_NULL, null=True, db_constraint=False)
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


class ApiRequest(models.Model):
    """One API call as it came in, keys and tokens masked. `status` 0: no answer was sent."""

    method = models.CharField(max_length=10)
    path = models.TextField()
    query = models.TextField(blank=True, default="")
    status = models.PositiveSmallIntegerField()
    milliseconds = models.FloatField()
    body = models.TextField(blank=True, default="")
    idempotency_key = models.CharField(max_length=255, blank=True, default="")
    fault = models.CharField(max_length=200, blank=True, default="")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)


class Fault(models.Model):
    """A misbehaviour that meets the API calls whose path it matches.

    `path`: a prefix or a glob, without the version. `drop`: "before" or "after" the call was
    carried out. `times`: how often it is still to happen (null: for ever). `rate`: the share of
    matching calls it meets, drawn from `seed` when one is given. `acts`: whether the call is
    carried out although its answer is spoilt.
    """

    path = models.CharField(max_length=255, default="/")
    method = models.CharField(max_length=10, blank=True, default="")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(null=True)  # noqa: DJ001 - an empty body differs from none given
    content_type = models.CharField(max_length=100, default="application/json")
    retry_after = models.CharField(max_length=50, blank=True, default="")
    delay_ms = models.PositiveIntegerField(default=0)
    drop = models.CharField(max_length=10, blank=True, default="")
    trickle_ms = models.PositiveIntegerField(null=True)
    acts = models.BooleanField(default=True)
    times = models.PositiveIntegerField(null=True)
    rate = models.FloatField(default=1.0)
    seed = models.IntegerField(null=True)
    hits = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("pk",)

    def describe(self) -> str:
        """Say in a few words what this fault does to a call."""
        parts = {
            f"dropped {self.drop} acting": self.drop,
            f"status {self.status}": self.status,
            "another body": self.body is not None,
            f"delayed {self.delay_ms} ms": self.delay_ms,
            "byte by byte": self.trickle_ms is not None,
        }
        return ", ".join(words for words, given in parts.items() if given)


class Preference(models.Model):
    """A choice that was made while running: a behaviour, or an address that webhooks go to."""

    name = models.CharField(primary_key=True, max_length=50)
    value = models.TextField(blank=True)
