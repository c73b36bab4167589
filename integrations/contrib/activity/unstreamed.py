"""Records failed runs of which no error was streamed: the builder may route no error logs to us.

The log says that a run failed; which step did, and why, the list of the workflow's errors says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from django.db.models import F
from django.utils import timezone

from integrations import conf
from integrations.alloy import AlloyError, Execution, ExecutionState, WorkflowError
from integrations.client import alloy
from integrations.contrib.activity.models import FailureSubject, WorkflowFailure
from integrations.contrib.activity.record import digest_of, message_in, subject_of
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
        _record(tenant, workflow_id, latest, _error_of(tenant, workflow_id, latest))


def _record(tenant: Any, workflow_id: str, run: Execution, error: WorkflowError | None) -> None:
    failed_at = min(stored(run.stopped_at or run.started_at), timezone.now())
    block = error.block.removeprefix("alloy.") if error else ""
    message = message_in((error and error.message) or run.error)
    seen = {
        "message": message,
        "last_seen_at": failed_at,
        "last_execution_id": run.execution_id,
        "resolved_at": None,
    }
    fixed = {"workflow_id": workflow_id, "block": block, "first_seen_at": failed_at}
    failure, _ = WorkflowFailure.objects.update_or_create(
        tenant=tenant,
        environment=conf.environment(),
        digest=digest_of(workflow_id, block, message),
        defaults={**seen, "count": F("count") + 1},
        create_defaults={**seen, **fixed},
    )
    if subject := subject_of(run):
        FailureSubject.objects.get_or_create(failure=failure, subject=subject)


def _error_of(tenant: Any, workflow_id: str, run: Execution) -> WorkflowError | None:
    """Return the error of a run from Alloy's list; None if there is none."""
    client = alloy().within(SECONDS_TO_WAIT)
    try:
        errors = client.workflow_errors(workflow_id=workflow_id, user_id=user_id_of(tenant))
    except AlloyError as error:
        log.warning("workflow_errors_not_read", workflow=workflow_id, error=str(error))
        return None
    since = [each for each in errors if each.occurred_at >= run.started_at]
    return max(since, key=lambda each: each.occurred_at, default=None)
