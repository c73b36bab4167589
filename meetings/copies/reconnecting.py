"""A service was connected: whatever waited for that is copied now."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from integrations.contrib.connectivity.models import Connection
from integrations.signals import account_connected
from meetings.models import Copy
from meetings.services import copy_renew

NEWEST = 200


@receiver(account_connected)
def copy_what_waited(connection: Connection, **_: Any) -> None:
    """Copy the newest meetings that the service does not have, or not as they are now."""
    copies = Copy.objects.filter(
        service=connection.connector, meeting__merchant=connection.tenant
    ).select_related("meeting__merchant")
    for copy in copies.order_by("-meeting__starts_at")[:NEWEST]:
        if copy.is_denied or copy.digest != copy.meeting.digest:
            copy_renew(copy=copy)
