"""The Alloy client of this process: one pool of connections, opened on first use."""

from __future__ import annotations

from functools import lru_cache

from integrations import conf, correlation
from integrations.alloy import AlloyClient, Timeouts, Transport
from integrations.metrics import observe_call


def alloy() -> AlloyClient:
    """Return the client for the account the settings describe."""
    return _client(conf.account(), conf.call_deadline())


@lru_cache(maxsize=4)
def _client(account: conf.Account, deadline: float) -> AlloyClient:
    return AlloyClient(
        api_key=account.api_key,
        hosts=account.hosts,
        version=account.version,
        transport=Transport(correlation_id=correlation.current, on_response=observe_call),
        timeouts=Timeouts(connect=min(3.0, deadline), read=deadline, total=deadline),
    )
