"""The door of this room: all that other apps may use of it.

- `CustomEvent`, `publish`: declare an event, and tell Alloy about it from within a transaction.
- `receives`: process what Alloy delivers to a webhook, once, in a transaction.
- `messages_by_uid`: show what became of published events.
- `lane_key`: name the lane that a subject's events queue in, as the admin finds it.
- `standing_of`: say how far a tenant has come.
- `problems_about`: say what went wrong lately with what one of their things is about.
- `export_of`, `logs_erase`, `account_erase`, `progress_of`: hand out and erase a tenant's data.
- `age_of_oldest_waiting`, `exposition`: notice when events no longer get through.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from integrations.erasure.selectors import Progress, export_of, progress_of
from integrations.erasure.services import Requester, account_erase, logs_erase
from integrations.events import CustomEvent, lane_key, publish
from integrations.exposition import exposition
from integrations.failures.selectors import Problem, problems_about
from integrations.inbox.registry import receives
from integrations.models import Attempt, Delivery, Message
from integrations.outbox.selectors import age_of_oldest_waiting
from integrations.pages.standing import standing_of

__all__ = [
    "Attempt",
    "CustomEvent",
    "Delivery",
    "Message",
    "Problem",
    "Progress",
    "Requester",
    "account_erase",
    "age_of_oldest_waiting",
    "export_of",
    "exposition",
    "lane_key",
    "logs_erase",
    "messages_by_uid",
    "problems_about",
    "progress_of",
    "publish",
    "receives",
    "standing_of",
]


def messages_by_uid(uids: Iterable[UUID]) -> dict[UUID, Message]:
    """Return the outbox messages with these ids, each with its lane and attempts loaded."""
    found = Message.objects.filter(uid__in=list(uids))
    messages = found.select_related("lane").prefetch_related("attempts")
    return {message.uid: message for message in messages}
