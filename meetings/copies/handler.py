"""Delivers the message that copies a meeting, to whichever service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.dispatch import receiver
from django.utils import timezone, translation

from integrations.alloy import ProviderDenied, ProviderError
from integrations.contrib.connectivity.connector import ConnectorClient, NotConnected
from integrations.contrib.connectivity.models import Connection
from integrations.contrib.connectivity.selectors import connected
from integrations.models import Message
from integrations.outbox import NotYet, delivers
from integrations.signals import account_connected
from meetings.copies import drive, hubspot, slack
from meetings.copies.notion import page
from meetings.models import Copy
from meetings.services import MESSAGE_KIND, copy_is_refused, copy_is_written, copy_renew

if TYPE_CHECKING:
    from accounts.models import User

Writer = Callable[[ConnectorClient, Copy], list[str]]
"""Writes the copy, and returns in sentences what of the meeting it could not copy."""

WRITERS: dict[str, Writer] = {
    Copy.Service.NOTION: page.write,
    Copy.Service.SLACK: slack.write,
    Copy.Service.DRIVE: drive.write,
    Copy.Service.HUBSPOT: hubspot.write,
}

NEWEST = 200
"""How many meetings are copied to a service that was connected just now."""


@delivers(MESSAGE_KIND)
def write_copy(message: Message) -> None:
    """Write the copy as the meeting is now, which may be newer than the message."""
    wanted = Copy.objects.select_related("meeting__merchant")
    copy = wanted.filter(pk=message.payload.get("copy")).first()
    if copy is None:
        return  # deleted meanwhile
    digest, merchant = copy.meeting.digest, copy.meeting.merchant
    try:
        client = ConnectorClient(copy.service, merchant, connection_id=copy.connection_id)
        with _as_read_by(merchant):
            left_out = WRITERS[copy.service](client, copy)
    except NotConnected as error:
        if copy.service in connected(merchant):
            raise NotYet("That account is gone; another one takes over.") from error
        return  # the page says so, and the copy is written once an account is connected
    except ProviderError as error:
        copy_is_refused(copy=copy, is_denied=isinstance(error, ProviderDenied))
        raise
    copy_is_written(copy=copy, digest=digest, left_out=left_out)


@receiver(account_connected)
def copy_what_waited(connection: Connection, **_: Any) -> None:
    """Copy the newest meetings that the service does not have, or not as they are now."""
    copies = Copy.objects.filter(
        service=connection.connector, meeting__merchant=connection.tenant
    ).select_related("meeting__merchant")
    for copy in copies.order_by("-meeting__starts_at")[:NEWEST]:
        if copy.is_denied or copy.digest != copy.meeting.digest:
            copy_renew(copy=copy)


@contextmanager
def _as_read_by(merchant: User) -> Iterator[None]:
    """Write in the language and the time zone that the merchant reads AcmeCo in."""
    language = merchant.language or settings.LANGUAGE_CODE
    zone = merchant.time_zone or settings.TIME_ZONE
    with translation.override(language), timezone.override(zone):
        yield
