"""The outbox: calls to be made to Alloy, in which order, and every attempt to make them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from integrations import conf
from integrations.models.claims import Claimable, ClaimableQuerySet


class MessageGroup(Claimable):
    """A queue within the outbox: the messages about one subject, say one order, in order.

    As in SQS FIFO, order holds within a group, and groups are independent. Workers claim groups,
    never single messages: no two workers send messages of one order at once, and one stuck order
    holds up no other.
    """

    environment = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    last_sequence = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text="Of the head message, in a row.")
    resume_at = models.DateTimeField(
        null=True, blank=True, help_text="When to try again should Alloy be well before `due_at`."
    )

    objects: ClassVar[ClaimableQuerySet[MessageGroup]] = ClaimableQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("environment", "key"), name="one_group_per_key"),
        )
        indexes = (
            models.Index(
                fields=("environment", "due_at"),
                condition=models.Q(due_at__isnull=False),
                name="groups_that_wait",
            ),
            models.Index(
                fields=("environment",),
                condition=models.Q(resume_at__isnull=False),
                name="groups_that_wait_for_alloy",
            ),
        )

    def __str__(self) -> str:
        return self.key


class Message(models.Model):
    """A call to be made to Alloy, kept until Alloy has accepted it or an operator discarded it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        DEAD = "dead", "Dead letter"
        DISCARDED = "discarded", "Discarded"

    group = models.ForeignKey(
        MessageGroup,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,  # `one_message_per_place` is one
    )
    sequence = models.PositiveBigIntegerField(help_text="Place in the group, from 1.")
    uid = models.UUIDField(
        default=uuid.uuid4, editable=False, unique=True, help_text="The same in every attempt."
    )
    tenant = models.ForeignKey(
        conf.tenant_model(), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    kind = models.CharField(max_length=40, help_text="Which handler sends it.")
    name = models.CharField(max_length=120, blank=True, help_text="The event's name at Alloy.")
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    attempts_made = models.PositiveIntegerField(default=0, help_text="That have ended.")
    last_error = models.TextField(blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("group", "sequence"), name="one_message_per_place"),
        )
        indexes = (
            models.Index(
                fields=("group", "sequence"),
                condition=models.Q(state="waiting"),
                name="messages_that_wait",
            ),
            models.Index(
                fields=("created_at",), condition=models.Q(state="waiting"), name="messages_by_age"
            ),
            models.Index(
                fields=("settled_at",),
                condition=models.Q(state__in=("delivered", "discarded")),
                name="messages_to_prune",
            ),
            models.Index(
                fields=("settled_at",), condition=models.Q(state="dead"), name="dead_letters"
            ),
        )

    user_id: str | None = None
    """The tenant's Alloy userId, where the relay has loaded it for a handler."""

    def __str__(self) -> str:
        return f"{self.name or self.kind} #{self.sequence}"


class Attempt(models.Model):
    """One attempt to send a message; the row is written before the call leaves.

    `STARTED` without an end means that the worker died in mid-call: whether Alloy accepted the
    message is then unknown, as with `AMBIGUOUS`. Only after such an attempt can it arrive twice.
    """

    class Outcome(models.TextChoices):
        STARTED = "started", "Under way"
        ACCEPTED = "accepted", "Accepted"
        TEMPORARY = "temporary", "Failed, to be tried again"
        AMBIGUOUS = "ambiguous", "Unclear whether it arrived, to be tried again"
        REFUSED = "refused", "Refused for good"
        INTERRUPTED = "interrupted", "The worker died"

    message = models.ForeignKey(
        Message,
        on_delete=models.CASCADE,
        related_name="attempts",
        db_index=False,  # `one_attempt_per_number` is one
    )
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.STARTED)
    status = models.PositiveSmallIntegerField("HTTP status", null=True, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    seconds = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("message", "number"), name="one_attempt_per_number"),
        )

    def __str__(self) -> str:
        return f"Attempt {self.number}"


class Circuit(models.Model):
    """The circuit breaker, shared by all senders: open until `open_until`, otherwise closed."""

    environment = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, over all workers.")
    openings = models.PositiveIntegerField(default=0, help_text="In a row; each waits longer.")
    open_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{'open' if self.open_until else 'closed'} ({self.environment})"
