"""Finds out what failed runs were about, by their logs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from integrations import database
from integrations.alloy import Execution, ExecutionState
from integrations.alloy.client import LOGS_PAGE_LIMIT
from integrations.client import alloy
from integrations.contrib.activity.following import installed_workflows_of, store_runs
from integrations.contrib.activity.models import FailureSubject, WorkflowFailure
from integrations.contrib.activity.record import (
    StreamedError,
    digest_of,
    message_in,
    record,
    subject_of,
)
from integrations.contrib.activity.recovery import latest_success, resolve_by
from integrations.models import Delivery, Message
from integrations.models.inbox import read_json
from integrations.outbox import NotYet, delivers
from integrations.tenants.provisioning import user_id_of
from integrations.times import stored

UNTIL_THE_LOG_HAS_IT = timedelta(hours=1)


@delivers("explain_failure")
def explain_failure(message: Message) -> None:
    """Store what a group's latest failed runs were about: `GET /workflows/{id}/logs`."""
    failure = WorkflowFailure.objects.filter(pk=message.payload.get("failure")).first()
    if failure is not None:
        _explain(failure)


def _explain(failure: WorkflowFailure) -> None:
    executions = alloy().workflow_logs(
        workflow_id=failure.workflow_id, user_id=user_id_of(failure.tenant), limit=LOGS_PAGE_LIMIT
    )
    subjects = _subjects(failure, executions)
    FailureSubject.objects.bulk_create(
        [FailureSubject(failure=failure, subject=each) for each in subjects], ignore_conflicts=True
    )
    _remember_the_latest(failure, executions)
    resolve_by(failure.tenant, failure.workflow_id, executions)
    for integration, workflow in installed_workflows_of(failure.tenant):
        if workflow.workflow_id == failure.workflow_id:
            store_runs(failure.tenant, integration, workflow, executions)


def _remember_the_latest(failure: WorkflowFailure, executions: Sequence[Execution]) -> None:
    """Store which run can be run again: streamed errors name runs by another id than logs do."""
    for each in executions:
        if each.state is ExecutionState.FAILED and _is_of(failure, each):
            WorkflowFailure.objects.filter(pk=failure.pk).update(
                last_execution_id=each.execution_id
            )
            return


@delivers("confirm_error")
def confirm_error(message: Message) -> None:
    """Learn whether a streamed error is the tenant's: `GET /logs`."""
    delivery = Delivery.objects.filter(pk=message.payload.get("delivery"), tenant=None).first()
    if delivery is not None and message.tenant is not None:
        _confirm(delivery, tenant=message.tenant)


def _confirm(delivery: Delivery, *, tenant: Any) -> None:
    """Record a streamed error once Alloy's log of this tenant has the run that its body names.

    Raises `NotYet` while the log may still be behind; after that the delivery is a dead letter.
    """
    error = StreamedError.model_validate(read_json(delivery.content))
    user_id = user_id_of(tenant)
    entries = alloy().account_logs(user_id=user_id, workflow_id=error.workflow_id)
    logged = [each.data for each in entries if each.user_id == user_id]
    if any(error.execution_id in (each.execution_id, each.execution_uuid) for each in logged):
        with database.atomic():
            if Delivery.objects.filter(pk=delivery.pk, tenant=None).update(tenant=tenant):
                delivery.tenant = tenant
                record(delivery, error)
    elif delivery.received_at > timezone.now() - UNTIL_THE_LOG_HAS_IT:
        raise NotYet("Alloy's log of this user does not have the run yet.")
    else:
        told = f"Alloy's log of {delivery.hinted_user_id} has no run {error.execution_id}."
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.DEAD, error=told)


def _subjects(failure: WorkflowFailure, executions: Sequence[Execution]) -> set[str]:
    """Return the subjects of the failed runs of this kind that no later run has resolved."""
    succeeded_at = latest_success(executions)
    failed = [
        each
        for each in executions
        if each.state is ExecutionState.FAILED
        and (succeeded_at is None or stored(each.started_at) > succeeded_at)
        and _is_of(failure, each)
    ]
    return {subject for each in failed if (subject := subject_of(each))}


def _is_of(failure: WorkflowFailure, execution: Execution) -> bool:
    if execution.execution_id == failure.last_execution_id:
        return True
    message = message_in(execution.error)
    return failure.digest == digest_of(failure.workflow_id, failure.block, message)
