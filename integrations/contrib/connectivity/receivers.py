"""Connects this part to the core: adds services to the catalogue, exports and deletes rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog
from django.db.models import QuerySet
from django.dispatch import receiver
from django.urls import reverse

from integrations import signals
from integrations.alloy import AlloyError
from integrations.contrib.connectivity.client import Connector
from integrations.contrib.connectivity.connectors import Connectors, connectors_listed
from integrations.contrib.connectivity.models import ConnectAttempt, Connection
from integrations.contrib.connectivity.selectors import connections_of
from integrations.contrib.connectivity.services import connections_check
from integrations.pages.catalogue import Service, Services
from integrations.pages.health import State
from integrations.retention import delete_in_batches

log = structlog.get_logger(__name__)

TEMPLATE = "alloy_connectivity/_service.html"


@receiver(signals.services_wanted)
def services(tenant: Any, refresh: bool, **_: Any) -> Services:
    """Return the services to connect; with `refresh` ask first which accounts Alloy still has."""
    if refresh:
        try:
            connections_check(tenant=tenant)
        except AlloyError as error:
            log.warning("connections_not_checked", error=str(error))
    listed = connectors_listed()
    return Services(_services_of(listed, connections_of(tenant)), is_old=listed.is_old)


def _services_of(connectors: Connectors, connections: Iterable[Connection]) -> list[Service]:
    """Return a service for each connector, and for those not listed any more with accounts."""
    accounts: dict[str, list[Connection]] = {}
    for each in connections:
        accounts.setdefault(each.connector, []).append(each)
    listed = {each.id for each in connectors.connectors}
    unlisted = (Connector(id=each, name=each) for each in accounts if each not in listed)
    return [
        _service_of(each, accounts.get(each.id, [])) for each in (*connectors.connectors, *unlisted)
    ]


def _service_of(connector: Connector, accounts: list[Connection]) -> Service:
    """Return a connector as the catalogue shows it; `detail` are the accounts there."""
    return Service(
        key=connector.id,
        name=connector.name or connector.id,
        url=reverse("alloy_connectivity:service", args=[connector.id]),
        template=TEMPLATE,
        state=_state(accounts),
        icon=connector.icon,
        categories=connector.category,
        detail=accounts,
    )


def _state(accounts: list[Connection]) -> State:
    if any(not each.is_alive for each in accounts):
        return State.ATTENTION
    return State.CONNECTED if accounts else State.AVAILABLE


@receiver(signals.tenant_exported)
def export(tenant: Any, **_: Any) -> dict[str, QuerySet[Any]]:
    """Return the accounts that the tenant has connected."""
    return {
        "connections": Connection.objects.filter(tenant=tenant).values(
            "connector", "name", "credential_id", "created_at", "gone_at", "last_error"
        )
    }


@receiver(signals.maintenance)
def maintain(before: datetime, **_: Any) -> None:
    """Delete the attempts to connect an account that ended long ago."""
    delete_in_batches(ConnectAttempt.objects.filter(expires_at__lt=before), by="expires_at")
