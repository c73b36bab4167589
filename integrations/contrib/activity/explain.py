"""Finds out what failed runs were about, by their logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from integrations import conf
from integrations.alloy import Execution, ExecutionState
from integrations.alloy.client import LOGS_PAGE_LIMIT
from integrations.alloy.text import clean
from integrations.client import alloy
from integrations.contrib.activity.models import FailureSubject, WorkflowFailure
from integrations.contrib.activity.record import digest_of, message_in
from integrations.contrib.activity.recovery import latest_success, resolve_by
from integrations.tenants import user_id_of


def explain(failure: WorkflowFailure) -> None:
    """Store the subjects of a group's latest failed runs; raises `AlloyError`. One call."""
    executions = alloy().workflow_logs(
        workflow_id=failure.workflow_id,
        user_id=user_id_of(failure.tenant),
        limit=LOGS_PAGE_LIMIT,
    )
    FailureSubject.objects.bulk_create(
        [
            FailureSubject(failure=failure, subject=subject)
            for subject in _subjects(failure, executions)
        ],
        ignore_conflicts=True,
    )
    resolve_by(failure.tenant, failure.workflow_id, executions)


def subject_of(execution: Execution) -> str:
    """Return what a run was about, such as an order's number: "" when its inputs do not say.

    Only what came in first counts: later blocks speak in their own app's ids.
    """
    data = execution.inputs[0].data if execution.inputs else None
    return next(filter(None, _named_in(data)), "") if isinstance(data, dict) else ""


def _named_in(data: dict[str, JsonValue]) -> Iterator[str]:
    for name in conf.subject_fields():
        value = data.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            yield clean(str(value), longest=64)


def _subjects(failure: WorkflowFailure, executions: Sequence[Execution]) -> set[str]:
    """Return what the failed runs of this kind were about that no later run has made good."""
    made_good = latest_success(executions)
    failed = [
        each
        for each in executions
        if each.state is ExecutionState.FAILED
        and (made_good is None or each.started_at > made_good)
        and _is_of(failure, each)
    ]
    return {subject for each in failed if (subject := subject_of(each))}


def _is_of(failure: WorkflowFailure, execution: Execution) -> bool:
    if execution.execution_id == failure.last_execution_id:
        return True
    message = message_in(execution.error)
    return failure.digest == digest_of(failure.workflow_id, failure.block, message)
