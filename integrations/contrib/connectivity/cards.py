"""Adds each connector to the catalogue, with the tenant's accounts there."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from integrations.catalogue import Service
from integrations.contrib.connectivity.client import Connector
from integrations.contrib.connectivity.connectors import Connectors
from integrations.contrib.connectivity.models import Connection
from integrations.health import State

TEMPLATE = "alloy_connectivity/_service.html"


def services_of(connectors: Connectors, connections: Iterable[Connection]) -> list[Service]:
    """Return a service for each connector, and for those not listed any more with accounts."""
    accounts: dict[str, list[Connection]] = {}
    for each in connections:
        accounts.setdefault(each.connector, []).append(each)
    listed = {each.id for each in connectors.connectors}
    unlisted = (Connector(id=each, name=each) for each in accounts if each not in listed)
    return [
        service_of(each, accounts.get(each.id, [])) for each in (*connectors.connectors, *unlisted)
    ]


def service_of(connector: Connector, accounts: list[Connection]) -> Service:
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
