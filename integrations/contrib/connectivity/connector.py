"""One tenant's account at one service, whichever service it is."""

from __future__ import annotations

import time
from typing import Any, Unpack

from django.db import models

from integrations import conf
from integrations.alloy import CredentialGone, PermanentError, ProviderError
from integrations.contrib.connectivity.client import ActionInput, connectivity
from integrations.contrib.connectivity.models import Connection
from integrations.contrib.connectivity.selectors import connection_for
from integrations.contrib.connectivity.services import connection_is_gone
from integrations.outbox import NotYet
from integrations.tenants.provisioning import user_id_of

SPARE_SECONDS = 2.0
"""Seconds of a lease that are kept for writing the result after the last call."""

SHORTEST_CALL = 0.5


class NotConnected(PermanentError):
    """The tenant has no account at this service, or no longer."""


class OutOfTime(NotYet):
    """The calls took as long as one attempt may; the next attempt goes on with the work."""


class ConnectorClient:
    """A tenant's account at a service, for one piece of work.

        client = ConnectorClient("notion", user)
        page = client.execute("post-page", body={"parent": ..., "properties": ...})

    All calls of one client together take no longer than a worker may hold a message group, so that
    never two workers do the same piece of work. `connection_id`: the account to prefer where there
    are several. Raises `NotConnected`.
    """

    def __init__(
        self, connector: str, tenant: models.Model, *, connection_id: int | None = None
    ) -> None:
        found = connection_for(tenant, connector, preferred=connection_id)
        if found is None:
            raise NotConnected(f"No {connector} account is connected.")
        self.connection: Connection = found
        self._user_id = user_id_of(tenant)
        self._ends_at = time.monotonic() + conf.lease().total_seconds() - SPARE_SECONDS

    def execute(self, action: str, **given: Unpack[ActionInput]) -> Any:
        """Run an action; return the service's own JSON.

        Raises `ProviderError` (the service refused), `NotConnected` (the account is gone), and a
        `TemporaryError` where trying again can help.
        """
        try:
            client = connectivity().within(self._time_left())
            data = client.execute(
                connector=self.connection.connector,
                action=action,
                user_id=self._user_id,
                credential_id=self.connection.credential_id,
                **given,
            )
        except CredentialGone as error:
            connection_is_gone(connection=self.connection)
            raise NotConnected(str(error)) from error
        except ProviderError as error:
            self._note(str(error))
            raise
        self._note("")
        return data

    def _time_left(self) -> float:
        left = self._ends_at - time.monotonic()
        if left < SHORTEST_CALL:
            raise OutOfTime("This takes longer than one attempt may; the next one goes on with it.")
        return left

    def _note(self, error: str) -> None:
        if self.connection.last_error != error:
            self.connection.last_error = error
            # Not by save(): the tenant may have removed the account meanwhile.
            Connection.objects.filter(pk=self.connection.pk).update(last_error=error)
