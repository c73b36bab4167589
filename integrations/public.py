"""The door of this room: all that other apps may use of it.

- `CustomEvent`, `publish`: declare an event, and tell Alloy about it from within a transaction.
- `receives`: process what Alloy delivers to a webhook, once, in a transaction.
- `connector`: act at a service that the tenant has connected; `connected` says at which ones that
  can be.
- `delivers`, `enqueue`: have work of another kind done by the outbox, in order and never lost.
- `messages_by_uid`: show what became of published events.
- `group_key`: name the group that a subject's events queue in, as the admin finds it.
- `standing_of`: say how far a tenant has come.
- `problems_about`: say what went wrong lately with what one of their things is about.
- `export_of`, `logs_erase`, `account_erase`, `progress_of`: hand out and erase a tenant's data.
- `age_of_oldest_waiting`, `exposition`: notice when events no longer get through.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import models
from django.db.models import F, Prefetch

from integrations.alloy import ProviderBusy, ProviderDenied, ProviderError
from integrations.connections.connector import ConnectorClient, NotConnected
from integrations.connections.selectors import connected
from integrations.erasure.selectors import Progress, export_of, progress_of
from integrations.erasure.services import Requester, account_erase, logs_erase
from integrations.events import CustomEvent, group_key, publish
from integrations.exposition import exposition
from integrations.failures.selectors import Problem, problems_about
from integrations.inbox.registry import receives
from integrations.models import Attempt, Connection, Delivery, Message
from integrations.outbox.handlers import NotYet, delivers
from integrations.outbox.publish import enqueue
from integrations.outbox.selectors import age_of_oldest_waiting
from integrations.pages.standing import standing_of

__all__ = [
    "Attempt",
    "Connection",
    "ConnectorClient",
    "CustomEvent",
    "Delivery",
    "Message",
    "NotConnected",
    "NotYet",
    "Problem",
    "Progress",
    "ProviderBusy",
    "ProviderDenied",
    "ProviderError",
    "Requester",
    "account_erase",
    "age_of_oldest_waiting",
    "connected",
    "connector",
    "delivers",
    "enqueue",
    "export_of",
    "exposition",
    "group_key",
    "logs_erase",
    "messages_by_uid",
    "problems_about",
    "progress_of",
    "publish",
    "receives",
    "standing_of",
]

LATEST_ATTEMPTS = 50
"""How many tries of a message are worth showing."""


def connector(
    connector_id: str, tenant: models.Model, *, connection_id: int | None = None
) -> ConnectorClient:
    """Return the tenant's account at a service, to run actions there; raises `NotConnected`.

    `connection_id` is the account to prefer where there are several; otherwise the newest is taken.
    """
    return ConnectorClient(connector_id, tenant, connection_id=connection_id)


def messages_by_uid(uids: Iterable[UUID]) -> dict[UUID, Message]:
    """Return the outbox messages with these ids, each with its group and latest attempts loaded.

    A message that is probed through a long outage collects thousands: `attempts_made` counts all.
    """
    latest = Attempt.objects.filter(number__gt=F("message__attempts_made") - LATEST_ATTEMPTS)
    found = Message.objects.filter(uid__in=list(uids)).select_related("group")
    messages = found.prefetch_related(Prefetch("attempts", latest))
    return {message.uid: message for message in messages}
