"""The Connectivity API: one pattern of calls for every service."""

from __future__ import annotations

from typing import Any

from integrations.alloy.connectivity.catalogue import Catalogue
from integrations.alloy.connectivity.credentials import ConnectorCredentials
from integrations.alloy.connectivity.execution import Execution


class ConnectivityClient(Catalogue, ConnectorCredentials, Execution):
    """Alloy's Connectivity API with one key: connectors, credentials, and their actions.

    A new connector needs nothing here: its id and its actions' ids are arguments. Every method
    raises ``TemporaryError`` where trying again can help and ``PermanentError`` where it cannot;
    none retries by itself.
    """

    def __init__(self, *, version: str = "2025-09", **options: Any) -> None:
        """Takes what ``AlloyClient`` takes. Raises ``ValueError`` for a version before 2025."""
        if version < "2025":
            raise ValueError(f"The Connectivity API begins with version 2025-06, not {version!r}.")
        super().__init__(version=version, **options)
