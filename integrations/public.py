"""The door of this room: all that other apps may use of it.

- `CustomEvent`, `publish`: declare an event, and tell Alloy about it from within a transaction.
- `receives`: process what Alloy delivers to a webhook, once, in a transaction.
- `messages_by_uid`: show what became of published events.
- `lane_key`: name the lane that a subject's events queue in, as the admin finds it.
- `standing_of`: say how far a tenant has come.
- `age_of_oldest_waiting`, `exposition`: notice when events no longer get through.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from integrations.events import CustomEvent, lane_key, publish
from integrations.exposition import exposition
from integrations.inbox.registry import receives
from integrations.models import Attempt, Delivery, Message
from integrations.outbox.selectors import age_of_oldest_waiting
from integrations.pages.standing import standing_of

__all__ = [
    "Attempt",
    "CustomEvent",
    "Delivery",
    "Message",
    "age_of_oldest_waiting",
    "exposition",
    "lane_key",
    "messages_by_uid",
    "publish",
    "receives",
    "standing_of",
]


def messages_by_uid(uids: Iterable[UUID]) -> dict[UUID, Message]:
    """Return the outbox messages with these ids, each with its lane and attempts loaded."""
    found = Message.objects.filter(uid__in=list(uids))
    messages = found.select_related("lane").prefetch_related("attempts")
    return {message.uid: message for message in messages}
