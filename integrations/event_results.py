"""What came of an event after Alloy took it: the runs of workflows that it started.

Alloy's answer to an event says that it was taken, and names no run. Who learns of the runs, such as
`contrib.activity`, answers the signals here; with the core alone nobody does, and nothing is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from integrations.alloy import ExecutionState
from integrations.signals import event_results_awaited, event_results_wanted


@dataclass(frozen=True)
class EventResult:
    """How one workflow's run for an event went: the latest, should it have been run again.

    `app` is the integration's name and `at` when the run began or, once over, ended. For one that
    failed, `words` say why in a merchant's language. `url` shows the run, "" where it is unknown.
    """

    app: str
    workflow: str
    state: ExecutionState
    at: datetime
    words: str = ""
    url: str = ""


def event_results(uids: Collection[UUID]) -> Mapping[UUID, list[EventResult]]:
    """Return what is known to have come of these messages, by their uid; reads only."""
    found: dict[UUID, list[EventResult]] = defaultdict(list)
    for _, answer in event_results_wanted.send_robust(sender=None, uids=uids) if uids else ():
        if isinstance(answer, dict):
            for uid, results in answer.items():
                found[uid] += results
    return found


def may_follow() -> bool:
    """Say whether anybody here learns of runs at all."""
    return event_results_wanted.has_listeners()


def have_read(tenant: Any) -> None:
    """Have it learned soon what came of the tenant's latest events. As often as anybody asks."""
    event_results_awaited.send_robust(sender=None, tenant=tenant)
