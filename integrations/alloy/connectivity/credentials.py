"""Endpoints about connected accounts. Alloy keeps the secrets; all we ever hold is an id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.alloy.embedded.base import Endpoints
from integrations.alloy.models import Credential, Deleted
from integrations.alloy.models.connectivity import CredentialList, NewCredential

_CREDENTIALS = "/connectors/{connector}/credentials"


class ConnectorCredentials(Endpoints):
    """Connect accounts, list them, and disconnect them."""

    def create_credential(
        self,
        *,
        connector: str,
        user_id: str,
        authentication_type: str = "oauth2",
        redirect_uri: str = "",
        data: Mapping[str, str] | None = None,
    ) -> NewCredential:
        """Begin to connect an account: the answer says where to send the user's browser.

        Alloy returns the browser to ``redirect_uri`` with no parameters whatever: put your own
        state into its path, and find the new credential by listing. Where nobody has to consent,
        as with an API key in ``data``, the answer is the credential's id.
        """
        body: dict[str, Any] = {"userId": user_id, "authenticationType": authentication_type}
        if redirect_uri:
            body["redirectUri"] = redirect_uri
        if data:
            body["data"] = dict(data)
        path = {"connector": connector}
        return self._one(
            NewCredential, "POST", _CREDENTIALS, path=path, body=body, headers=_acting_for(user_id)
        )

    def list_connector_credentials(self, *, connector: str, user_id: str) -> list[Credential]:
        """Return a user's credentials for one connector, the newest last.

        The user is named by a header: without it Alloy answers an empty list, not an error.
        """
        path, headers = {"connector": connector}, _acting_for(user_id)
        answer = self._one(CredentialList, "GET", _CREDENTIALS, path=path, headers=headers)
        return list(answer.credentials)

    def delete_connector_credential(
        self, *, connector: str, user_id: str, credential_id: str
    ) -> None:
        """Disconnect an account. What is in it stays. Raises ``NotFound``."""
        path = {"connector": connector, "credential_id": credential_id}
        route = f"{_CREDENTIALS}/{{credential_id}}"
        self._do(Deleted, "DELETE", route, path=path, headers=_acting_for(user_id))


def _acting_for(user_id: str) -> dict[str, str]:
    return {"x-alloy-userid": user_id}
