"""Failed runs of which no error was streamed, as where the builder routes no error logs to us.

The log says that a run failed; which step did, and why, Alloy tells with the workflow's errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog

from integrations import conf
from integrations.alloy import AlloyError, Execution, ExecutionState, WorkflowError
from integrations.client import alloy
from integrations.contrib.activity.models import WorkflowFailure
from integrations.contrib.activity.record import record_run
from integrations.tenants.provisioning import user_id_of
from integrations.times import stored

log = structlog.get_logger(__name__)

SECONDS_TO_WAIT = 3.0


def record_unstreamed(tenant: Any, workflow_id: str, executions: Sequence[Execution]) -> None:
    """Record the latest run if it failed and nothing is known of that. One call, if so."""
    over = [each for each in executions if each.state is not ExecutionState.RUNNING]
    latest = max(over, key=lambda each: each.started_at, default=None)
    if latest is None or latest.state is not ExecutionState.FAILED:
        return
    known = WorkflowFailure.objects.filter(
        tenant=tenant, environment=conf.environment(), workflow_id=workflow_id
    )
    if not known.filter(last_seen_at__gte=stored(latest.started_at)).exists():
        told = _error_of(tenant, workflow_id, latest)
        block = told.block.removeprefix("alloy.") if told else ""
        record_run(tenant, workflow_id, latest, block=block, error=told.message if told else "")


def _error_of(tenant: Any, workflow_id: str, run: Execution) -> WorkflowError | None:
    """Return the error of a run, as Alloy keeps it; None if it tells of none."""
    client = alloy().within(SECONDS_TO_WAIT)
    try:
        errors = client.workflow_errors(workflow_id=workflow_id, user_id=user_id_of(tenant))
    except AlloyError as error:
        log.warning("workflow_errors_not_read", workflow=workflow_id, error=str(error))
        return None
    since = [each for each in errors if each.occurred_at >= run.started_at]
    return max(since, key=lambda each: each.occurred_at, default=None)
