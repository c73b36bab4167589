"""Endpoints about what there is: connectors, their actions, and how one's account is connected."""

from __future__ import annotations

from integrations.alloy.embedded.base import Endpoints
from integrations.alloy.models.connectivity import (
    Action,
    ActionAnswer,
    Authentication,
    Connector,
    ConnectorList,
    MetadataList,
    Resource,
    ResourceList,
)


class Catalogue(Endpoints):
    """Read what the connectors are and what each can do."""

    def list_connectors(self) -> list[Connector]:
        """Return every service that can be connected to."""
        return list(self._one(ConnectorList, "GET", "/connectors").connectors)

    def list_resources(self, *, connector: str) -> list[Resource]:
        """Return a connector's actions, grouped by what they act on. Raises ``NotFound``."""
        route, path = "/connectors/{connector}/resources", {"connector": connector}
        return list(self._one(ResourceList, "GET", route, path=path).resources)

    def get_action(self, *, connector: str, action: str) -> Action:
        """Return one action with the schemas of its parameters and body. Raises ``NotFound``."""
        route = "/connectors/{connector}/actions/{action}"
        path = {"connector": connector, "action": action}
        return self._one(ActionAnswer, "GET", route, path=path).action

    def list_authentications(self, *, connector: str) -> list[Authentication]:
        """Return the ways in which an account can be connected, with what each asks for."""
        route, path = "/connectors/{connector}/credentials/metadata", {"connector": connector}
        return list(self._one(MetadataList, "GET", route, path=path).metadata)
