"""Endpoints about the accounts that users connected. The secrets themselves stay with Alloy."""

from __future__ import annotations

from integrations.alloy.embedded.base import Endpoints
from integrations.alloy.models import Credential, Deleted


class Credentials(Endpoints):
    """List and delete a user's credentials."""

    def list_credentials(self, *, user_id: str) -> list[Credential]:
        """Return a user's credentials for all apps."""
        route, path = "/users/{user_id}/credentials", {"user_id": user_id}
        return self._many(Credential, "GET", route, path=path)

    def delete_credential(self, *, user_id: str, credential_id: str) -> None:
        """Delete one credential; workflows that use it stop working. Raises ``NotFound``."""
        route = "/users/{user_id}/credentials/{credential_id}"
        path = {"user_id": user_id, "credential_id": credential_id}
        self._do(Deleted, "DELETE", route, path=path)
