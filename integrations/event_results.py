"""The results of an event after Alloy took it: the runs of the workflows that it started.

Alloy's answer to an event says that it was taken, and names no run [run-event]. An app that learns
of the runs, such as `contrib.activity`, answers the signals; with the core alone none does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from integrations.alloy import ExecutionState, Workflow
from integrations.pages.snapshots import integrations_in, stored_snapshot_of
from integrations.signals import answers, event_results_awaited, event_results_wanted

EVENT_BLOCK = "customEvent"
"""The kind of block that an event starts [list-integrations]."""


@dataclass(frozen=True)
class EventResult:
    """The result of one workflow's run for an event: the latest, should it have been run again.

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
    """Return the known results of these messages, by their uid; reads only."""
    found: dict[UUID, list[EventResult]] = defaultdict(list)
    for answer in answers(event_results_wanted, uids=uids) if uids else ():
        for uid, results in answer.items():
            found[uid] += results
    return found


def no_workflow_runs_since(tenant_id: Any) -> datetime | None:
    """Return since when all workflows that a tenant's events start are paused; None if one is not.

    According to the stored copy of the tenant's integrations.
    """
    snapshot = stored_snapshot_of(tenant_id)
    started = [
        workflow
        for integration in integrations_in(snapshot)
        for workflow in integration.installed_workflows
        if begins_with_an_event(workflow)
    ]
    if snapshot is None or not started or not all(each.paused for each in started):
        return None
    return max(datetime.fromisoformat(snapshot.paused_since[each.workflow_id]) for each in started)


def begins_with_an_event(workflow: Workflow) -> bool:
    """Say whether an event can start the workflow; it can where its steps are not known."""
    return not workflow.blocks or workflow.blocks[0].kind == EVENT_BLOCK


def are_runs_followed() -> bool:
    """Say whether any app here learns of runs at all."""
    return event_results_wanted.has_listeners()


def request_results(tenant: Any) -> None:
    """Have the results of the tenant's latest events read soon; may be called at any rate."""
    event_results_awaited.send_robust(sender=None, tenant=tenant)
