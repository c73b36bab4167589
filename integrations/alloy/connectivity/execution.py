"""The one call that does something at a service, whatever the service and the action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.alloy.connectivity.outcome import data_of
from integrations.alloy.embedded.base import Endpoints

ROUTE = "/connectors/{connector}/actions/{action}/execute"


class Execution(Endpoints):
    """Run actions."""

    def execute(
        self,
        *,
        connector: str,
        action: str,
        user_id: str,
        credential_id: str,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run an action with somebody's credential, and return the service's own JSON.

        ``path``, ``query``, ``headers`` and ``body`` are those of the service's own endpoint. It is
        always a POST, so an answer that got lost may have been acted on (``ambiguous``).

        Raises ``ProviderError`` where the service refused, ``ProviderBusy`` where it asks to try
        again, ``CredentialGone`` where Alloy no longer has the credential.
        """
        parts = {
            "credentialId": credential_id,
            "pathParams": path,
            "queryParameters": query,
            "additionalHeaders": headers,
            "requestBody": body,
        }
        answer = self._answer(
            "POST",
            ROUTE,
            path={"connector": connector, "action": action},
            headers={"x-alloy-userid": user_id},
            body={name: value for name, value in parts.items() if value is not None},
        )
        return data_of(answer, connector=connector, action=action)
