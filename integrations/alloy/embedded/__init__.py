"""The Embedded API: one client, its endpoints grouped by what they are about."""

from __future__ import annotations

from integrations.alloy.embedded.activity import Activity
from integrations.alloy.embedded.credentials import Credentials
from integrations.alloy.embedded.integrations import Integrations
from integrations.alloy.embedded.users import Users


class AlloyClient(Users, Integrations, Activity, Credentials):
    """Alloy's Embedded API with one key: a typed method per endpoint.

    Every method raises ``TemporaryError`` where trying again can help and ``PermanentError``
    where it cannot; none retries by itself. A client may be shared by threads and kept over a
    fork. Its ``repr`` shows host and version, never the key.
    """
