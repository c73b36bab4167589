"""The Alloy clients of this process: one pool of connections, opened on first use."""

from __future__ import annotations

from functools import lru_cache

from django.core.exceptions import ImproperlyConfigured

from integrations import conf, correlation
from integrations.alloy import AlloyClient, ConnectivityClient, Timeouts, Transport
from integrations.metrics import observe_call


def alloy() -> AlloyClient:
    """Return the client for the account the settings describe."""
    return _client(conf.account(), conf.read().CALL_DEADLINE)


def connectivity() -> ConnectivityClient:
    """Return the client of the same account for the Connectivity API."""
    settings = conf.read()
    return _connectivity(conf.account(), settings.CONNECTIVITY_VERSION, settings.CALL_DEADLINE)


def check_settings() -> None:
    """Raise `ImproperlyConfigured`, with one sentence, where the settings make no sense."""
    if conf.account().api_key:  # without one, a system check says so
        try:
            alloy()
            connectivity()
        except ValueError as error:
            raise ImproperlyConfigured(f"There is no such account at Alloy. {error}") from error


@lru_cache(maxsize=4)
def _client(account: conf.Account, deadline: float) -> AlloyClient:
    return AlloyClient(
        api_key=account.api_key,
        hosts=account.hosts,
        version=account.version,
        transport=_transport(),
        timeouts=_timeouts(deadline),
    )


@lru_cache(maxsize=4)
def _connectivity(account: conf.Account, version: str, deadline: float) -> ConnectivityClient:
    return ConnectivityClient(
        api_key=account.api_key,
        hosts=account.hosts,
        version=version,
        transport=_transport(),
        timeouts=_timeouts(deadline),
    )


@lru_cache(maxsize=1)
def _transport() -> Transport:
    return Transport(correlation_id=correlation.current, on_response=observe_call)


def _timeouts(deadline: float) -> Timeouts:
    return Timeouts(connect=min(3.0, deadline), read=deadline, total=deadline)
