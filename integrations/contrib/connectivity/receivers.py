"""Connects this part to the core: it adds services, exports its rows, forgets what is over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from django.db.models import QuerySet
from django.dispatch import receiver

from integrations import signals
from integrations.alloy import AlloyError
from integrations.catalogue import Services
from integrations.contrib.connectivity.cards import services_of
from integrations.contrib.connectivity.connectors import connectors_listed
from integrations.contrib.connectivity.models import ConnectAttempt, Connection
from integrations.contrib.connectivity.selectors import connections_of
from integrations.contrib.connectivity.services import connections_check
from integrations.retention import forget

log = structlog.get_logger(__name__)


@receiver(signals.services_wanted)
def services(tenant: Any, refresh: bool, **_: Any) -> Services:
    """Return what there is to connect; `refresh`: ask first which accounts Alloy still has."""
    if refresh:
        try:
            connections_check(tenant=tenant)
        except AlloyError as error:
            log.warning("connections_not_checked", error=str(error))
    listed = connectors_listed()
    return Services(services_of(listed, connections_of(tenant)), is_old=listed.is_old)


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
