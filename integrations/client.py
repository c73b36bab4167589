"""The Alloy client of this process: one pool of connections, opened on first use."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from integrations import conf, correlation
from integrations.alloy import AlloyClient, Timeouts, Transport
from integrations.metrics import observe_call

SECONDS_TO_WAIT_FOR_A_CLICK = 5.0


def alloy() -> AlloyClient:
    """Return the client for the account the settings describe."""
    return _client(conf.account(), conf.read().CALL_DEADLINE)


def alloy_for_click() -> AlloyClient:
    """Return the client for a call that somebody who clicked waits for."""
    return alloy().within(SECONDS_TO_WAIT_FOR_A_CLICK)


def check_settings() -> None:
    """Raise `ImproperlyConfigured`, with one sentence, where the settings make no sense."""
    conf.tenant_class()
    conf.tenant_migration_named()
    conf.tenant_of_request()
    if conf.account().api_key:  # without one, a system check says so
        try:
            alloy()
        except ValueError as error:
            raise ImproperlyConfigured(f"There is no such account at Alloy. {error}") from error


def options(account: conf.Account, deadline: float) -> dict[str, Any]:
    """Return what every client of an account is made with; all of them share their connections."""
    timeouts = Timeouts(connect=min(3.0, deadline), read=deadline, total=deadline)
    return {
        "api_key": account.api_key,
        "hosts": account.hosts,
        "transport": _transport(),
        "timeouts": timeouts,
    }


@lru_cache(maxsize=4)
def _client(account: conf.Account, deadline: float) -> AlloyClient:
    return AlloyClient(version=account.version, **options(account, deadline))


@lru_cache(maxsize=1)
def _transport() -> Transport:
    return Transport(correlation_id=correlation.current, on_response=_observe)


def _observe(method: str, route: str, status: int | None, seconds: float) -> None:
    observe_call(method, route, status, seconds)
    correlation.trace_call(method, route, status, seconds)
