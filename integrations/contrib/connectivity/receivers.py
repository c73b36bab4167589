"""Where this part hooks in: it hands its rows out, and forgets what is over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.dispatch import receiver

from integrations import signals
from integrations.contrib.connectivity.models import ConnectAttempt, Connection
from integrations.retention import forget


@receiver(signals.tenant_exported)
def export(tenant: Any, **_: Any) -> dict[str, QuerySet[Any]]:
    """Return the accounts that the tenant has connected."""
    return {
        "connections": Connection.objects.filter(tenant=tenant).values(
            "connector", "name", "credential_id", "created_at", "gone_at", "last_error"
        )
    }


@receiver(signals.housekeeping)
def keep_house(before: datetime, **_: Any) -> None:
    """Forget the tries to connect an account that ended long ago."""
    forget(ConnectAttempt.objects.filter(expires_at__lt=before), by="expires_at")
