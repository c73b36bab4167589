"""What the connections page shows, ready for its templates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from integrations.contrib.connectivity.catalogue import Catalogue
from integrations.contrib.connectivity.client import Connector
from integrations.contrib.connectivity.models import Connection


@dataclass(frozen=True)
class Account:
    """A connected account beside its service; `icon` may be empty."""

    connection: Connection
    service: str
    icon: str


@dataclass(frozen=True)
class Card:
    """A service, and how many of the tenant's accounts there are connected and work."""

    connector: Connector
    accounts: int

    @property
    def name(self) -> str:
        return self.connector.name or self.connector.id


def accounts_in(connections: Iterable[Connection], catalogue: Catalogue) -> list[Account]:
    """Return the connected accounts; also those at services that are no longer listed."""
    shown = []
    for connection in connections:
        found = catalogue.find(connection.connector)
        name = found.name if found else connection.connector
        shown.append(Account(connection, name, found.icon if found else ""))
    return shown


def cards_of(connectors: Iterable[Connector], connections: Iterable[Connection]) -> list[Card]:
    """Return a card for each service."""
    alive = [each.connector for each in connections if each.is_alive]
    return [Card(each, alive.count(each.id)) for each in connectors]
