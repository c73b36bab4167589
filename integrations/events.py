"""Custom events: each is declared once as a typed class, and published with the change itself.

    class FulfillmentUpdated(CustomEvent, name="Fulfillment Updated"):
        orderId: str
        status: str

    with transaction.atomic():
        ...the change itself...
        publish(FulfillmentUpdated(orderId="123", status="FULFILLED"),
                tenant=order.merchant, subject=f"order:{order.pk}")

`manage.py alloy_events` prints each event's schema, to paste into Alloy's workflow builder.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from pydantic import BaseModel, ConfigDict

from integrations.models import Message
from integrations.outbox import enqueue

_DUMMIES = {"integer": "Number", "number": "Number", "boolean": "Boolean"}
"""By type in JSON Schema; whatever else there is, is a "String"."""


class CustomEvent(BaseModel):
    """A custom event as Alloy's builder knows it: its name, and its fields with their types.

    A field may have any name that pydantic allows, `name` included.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    _event_name: ClassVar[str]
    _declared: ClassVar[dict[str, type[CustomEvent]]] = {}

    def __init_subclass__(cls, *, name: str, **options: Any) -> None:
        super().__init_subclass__(**options)
        known = CustomEvent._declared.setdefault(name, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"{known.__qualname__} is the event {name!r} already.")
        cls._event_name = name

    @classmethod
    def builder_schema(cls) -> dict[str, str]:
        """Return the schema for Alloy's builder: field names with dummy values [list-events]."""
        fields = cls.model_json_schema()["properties"].items()
        return {name: _DUMMIES.get(spec.get("type"), "String") for name, spec in fields}


def declared_events() -> dict[str, type[CustomEvent]]:
    """Return every declared event by its name at Alloy, in alphabetical order."""
    return dict(sorted(CustomEvent._declared.items()))


def publish(event: CustomEvent, *, tenant: models.Model, subject: str) -> Message:
    """Put an event into the outbox; it is sent if, and only if, the transaction commits.

    Events about one `subject` (say, one order) reach Alloy in the order of their commits.
    """
    return enqueue(
        group_key=group_key(tenant=tenant, subject=subject),
        tenant=tenant,
        kind="event",
        name=event._event_name,
        payload=event.model_dump(mode="json"),
    )


def group_key(*, tenant: models.Model, subject: str) -> str:
    """Return the key of the message group of a tenant's events about a subject."""
    return f"{tenant.pk}:{subject}"
