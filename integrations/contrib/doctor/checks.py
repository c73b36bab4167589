"""Runs the checks: all at once, each within its time, and none can stop another."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace

import structlog
from django.db import DatabaseError, connections

from integrations.contrib.doctor import account, browser, catalogue, settings, webhooks, workers
from integrations.contrib.doctor.calls import Check
from integrations.contrib.doctor.result import Result, State, failed, skipped
from integrations.redaction import redact

log = structlog.get_logger(__name__)

LIMIT = 12.0  # seconds for all of them, since they run side by side

CHECKS: Mapping[str, Check] = {
    "Settings": settings.checks_find_nothing,
    "API key": account.key_is_accepted,
    "Region": account.region_is_the_keys,
    "API version": account.version_is_known,
    "Clock": account.clock_is_right,
    "Integrations": catalogue.integrations_are_released,
    "Events": catalogue.events_are_declared,
    "Webhook origin": webhooks.origin_is_public,
    "Webhook answers": webhooks.origin_answers,
    "Public key": webhooks.public_key_is_there,
    "Browser SDK": browser.script_is_there,
    "Content policy": browser.policy_allows_alloy,
    "Database": workers.database_is_migrated,
    "Broker": workers.broker_is_there,
    "Workers": workers.workers_answer,
    "Waiting": workers.what_waits_is_sent,
}


def run_checks(checks: Mapping[str, Check] | None = None, *, limit: float = LIMIT) -> list[Result]:
    """Run the checks (all of them unless some are given); return a result for each, in order.

    That takes `limit` seconds at most. Nothing secret is in what is returned.
    """
    chosen = CHECKS if checks is None else checks
    under_way = [_CheckThread(name, check) for name, check in chosen.items()]
    for each in under_way:
        each.start()
    ends = time.monotonic() + limit
    for each in under_way:
        each.join(max(ends - time.monotonic(), 0))
    return [each.result for each in under_way]


def all_is_well(results: list[Result]) -> bool:
    """Whether nothing failed; a warning is no failure."""
    return all(result.state != State.FAILED for result in results)


class _CheckThread(threading.Thread):
    """One check in a thread of its own, which may be left behind."""

    def __init__(self, name: str, check: Check) -> None:
        super().__init__(name=name, daemon=True)
        self._check = check
        late = failed("It did not end in time.", "Something it asks hangs. Try again.")
        self.result = replace(late, name=name)

    def run(self) -> None:
        """Check, and say what was found in words that hold nothing secret."""
        found = self._found()
        self.result = replace(found, name=self.name, detail=redact(found.detail))

    def _found(self) -> Result:
        try:
            return self._check()
        except DatabaseError:
            return skipped("The database cannot be asked; its own check says why.")
        except Exception as error:
            log.exception("check_broke", check=self.name)
            return failed(f"The check itself broke: {error!r}", "The log says where.")
        finally:
            connections.close_all()
