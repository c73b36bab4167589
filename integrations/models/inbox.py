"""The inbox: every delivery Alloy made, kept before it is answered and read afterwards."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import connections, models, router
from django.utils import timezone

from integrations import conf
from integrations.models.claims import Claimable, ClaimableQuerySet

_LONGEST_NUMBER = 64  # digits; a longer one stays text, for Python refuses to read it


class Unreadable(ValueError):
    """The delivery cannot be parsed, so trying again cannot help; the message says why."""


class DeliveryQuerySet(ClaimableQuerySet["Delivery"]):
    """Keeps deliveries, each once."""

    def keep(self, delivery: Delivery) -> bool:
        """Store the delivery, or count it once more; return whether it is new.

        One statement, which the ORM cannot say: Django's `update_conflicts` can repeat what was to
        be inserted, but not add one to what is there. SQLite and PostgreSQL read the same SQL.
        """
        connection = connections[router.db_for_write(self.model)]
        fields = [each for each in self.model._meta.concrete_fields if not each.primary_key]
        values = [
            each.get_db_prep_save(each.pre_save(delivery, add=True), connection) for each in fields
        ]
        names = ", ".join(connection.ops.quote_name(each.attname) for each in fields)
        table = connection.ops.quote_name(self.model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(fields))})"  # noqa: S608 -- our own columns' names
                f" ON CONFLICT (digest) DO UPDATE SET times_received = {table}.times_received + 1"
                " RETURNING id, times_received",
                values,
            )
            delivery.pk, times = cursor.fetchone()
        return bool(times == 1)

    def process_again(self) -> None:
        """Let those that were processed, or are dead letters, wait to be processed."""
        self.exclude(state=Delivery.State.WAITING).update(
            state=Delivery.State.WAITING, attempts_made=0, due_at=timezone.now(), lease=None
        )


class Delivery(Claimable):
    """One delivery from Alloy, its body as it came; a repeated one has the same digest.

    `tenant` is named by the signed URL or body. It is empty where only the X-Alloy-UserId header,
    which is not signed, says whose the delivery is: `hinted_user_id` keeps that [handling-errors].
    """

    class Kind(models.TextChoices):
        INSTALLATION = "installations", "Installation"
        ORDER = "orders", "Order"
        ERROR = "errors", "Error"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        PROCESSED = "processed", "Processed"
        DEAD = "dead", "Dead letter"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    environment = models.CharField(max_length=64)
    tenant = models.ForeignKey(
        conf.tenant_model(), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    hinted_user_id = models.CharField("userId in the header", max_length=64, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    body = models.BinaryField()
    mended = models.TextField(
        "body to process instead", blank=True, help_text="Empty: what came is processed."
    )
    hints = models.JSONField(
        default=dict, blank=True, help_text="The X-Alloy headers that came with it; not signed."
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    attempts_made = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, help_text="Why it is a dead letter, or the last failure.")
    correlation_id = models.CharField(max_length=64, blank=True)
    times_received = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[DeliveryQuerySet] = DeliveryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = (
            models.Index(
                fields=("due_at",),
                condition=models.Q(due_at__isnull=False),
                name="deliveries_that_wait",
            ),
            # Asked with every page view: a tenant may have a million deliveries that do not matter.
            models.Index(
                fields=("tenant",),
                condition=models.Q(kind="installations", due_at__isnull=False),
                name="installations_that_wait",
            ),
            models.Index(
                fields=("processed_at",),
                condition=models.Q(state="processed"),
                name="deliveries_to_prune",
            ),
            models.Index(
                fields=("received_at",), condition=models.Q(state="dead"), name="dead_deliveries"
            ),
            models.Index(
                fields=("hinted_user_id",),
                condition=models.Q(tenant__isnull=True),
                name="deliveries_of_a_hinted_user",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} delivery {self.pk}"

    @property
    def content(self) -> bytes:
        """The bytes to process: the body as it came, or as an operator mended it."""
        return self.mended.encode() or bytes(self.body)


def read_json(body: bytes) -> Any:
    """Return the JSON value in a body; raises `Unreadable`.

    A shop's own JSON is read as far as it can be: halves of surrogate pairs, bytes that are no
    UTF-8, line breaks within texts, NaN. Fractions stay text, so that no digit is lost.
    """
    try:
        text = body.decode(json.detect_encoding(body), errors="replace")
        return json.loads(text, strict=False, parse_int=_whole, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise Unreadable(f"The body is not JSON: {error}.") from error
    except RecursionError as error:
        raise Unreadable("The body is nested too deeply.") from error


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits
