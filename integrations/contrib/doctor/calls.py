"""Calls Alloy for the checks: with a short deadline, no retries; an error is a failed check."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from integrations.alloy import AlloyClient, AlloyError, Timeouts, Transport, Unauthorized
from integrations.alloy.call import Answer, Call
from integrations.client import alloy
from integrations.contrib.doctor.result import Result, failed, skipped

SECONDS = 5.0
_TIMEOUTS = Timeouts(connect=2.0, read=SECONDS, total=SECONDS)

Check = Callable[[], Result]


def briefly() -> AlloyClient:
    """Return the client, in a hurry."""
    return alloy().within(SECONDS)


def get(base: str, route: str, **path: str) -> Answer:
    """Return the answer to a plain GET, whatever its status. Raises `AlloyError`."""
    call = Call(method="GET", base=base, route=route, path=path)
    return Transport().send(call, timeouts=_TIMEOUTS)


def needs_alloy(check: Check) -> Check:
    """Let the check raise what the client raises: where Alloy is down, that is what it found."""

    @wraps(check)
    def guarded() -> Result:
        try:
            return check()
        except Unauthorized:
            return skipped("Alloy does not accept the key, so it cannot be asked.")
        except AlloyError as error:
            return failed(str(error), "Try again; if it stays, look at Alloy's status page.")

    return guarded
