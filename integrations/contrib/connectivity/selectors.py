"""Finds the accounts that a tenant has connected, in the current environment."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from integrations import conf
from integrations.contrib.connectivity.models import ConnectAttempt, Connection


def connections_of(tenant: Any) -> QuerySet[Connection]:
    """Return all of a tenant's connections, the oldest first; also those that are gone."""
    return Connection.objects.filter(tenant=tenant, environment=conf.environment()).order_by("pk")


def attempts_of(tenant: Any) -> QuerySet[ConnectAttempt]:
    """Return a tenant's attempts to connect an account."""
    return ConnectAttempt.objects.filter(tenant=tenant, environment=conf.environment())


def connected(tenant: Any) -> set[str]:
    """Return the ids of the connectors at which the tenant has an account that works."""
    alive = connections_of(tenant).filter(gone_at=None)
    return set(alive.values_list("connector", flat=True))


def connection_for(
    tenant: Any, connector: str, *, preferred: int | None = None
) -> Connection | None:
    """Return the account to act with: the preferred one while it works, otherwise the newest."""
    alive = connections_of(tenant).filter(connector=connector, gone_at=None)
    chosen = alive.filter(pk=preferred).first() if preferred is not None else None
    return chosen or alive.order_by("-pk").first()
