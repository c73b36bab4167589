"""Closes groups of errors once a later run of their workflow has succeeded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog
from django.db import models
from django.utils import timezone

from integrations import conf
from integrations.alloy import AlloyError, Execution, ExecutionState, NotFound, PermanentError
from integrations.client import alloy
from integrations.contrib.activity.models import WorkflowFailure
from integrations.outbox import NotYet, circuit
from integrations.tenants.provisioning import user_id_of
from integrations.times import stored

log = structlog.get_logger(__name__)

SECONDS_PER_LOOK = 4.0


def resolve_by(tenant: Any, workflow_id: str, executions: Iterable[Execution]) -> int:
    """Close the groups of errors before a run here that succeeded; return how many."""
    latest = latest_success(executions)
    return resolve(tenant, workflow_id, at=latest) if latest else 0


def latest_success(executions: Iterable[Execution]) -> datetime | None:
    """Return when the latest run that succeeded began; None when none did."""
    succeeded = (each for each in executions if each.state is ExecutionState.SUCCEEDED)
    return max((stored(each.started_at) for each in succeeded), default=None)


def resolve(tenant: Any, workflow_id: str, *, at: datetime) -> int:
    """Close the open groups of a tenant's workflow whose last error is older than `at`."""
    return open_at(tenant, at=at).filter(workflow_id=workflow_id).update(resolved_at=at)


def open_at(tenant: Any, *, at: datetime) -> models.QuerySet[WorkflowFailure]:
    """Return the tenant's open groups whose last error is older than `at`."""
    return WorkflowFailure.objects.filter(
        tenant=tenant, environment=conf.environment(), resolved_at=None, last_seen_at__lt=at
    )


def look_for_recoveries(*, limit: int = 20) -> int:
    """Read the logs of workflows with open groups, the longest unread first; return how many.

    One call a workflow, none while Alloy is left alone, and no more after one that failed.
    """
    looked = 0
    for failure in _longest_unread(limit):
        if circuit.is_open() or not _look(failure):
            break
        looked += 1
    return looked


def _longest_unread(limit: int) -> list[WorkflowFailure]:
    unread = WorkflowFailure.objects.filter(environment=conf.environment(), resolved_at=None)
    found = unread.order_by(models.F("checked_at").asc(nulls_first=True)).select_related("tenant")
    by_workflow: dict[tuple[object, str], WorkflowFailure] = {}
    for failure in found[: limit * 5]:
        by_workflow.setdefault((failure.tenant_id, failure.workflow_id), failure)
    return list(by_workflow.values())[:limit]


def _look(failure: WorkflowFailure) -> bool:
    now = timezone.now()
    WorkflowFailure.objects.filter(
        tenant=failure.tenant, environment=failure.environment, workflow_id=failure.workflow_id
    ).update(checked_at=now)
    try:
        executions = (
            alloy()
            .within(SECONDS_PER_LOOK)
            .workflow_logs(
                workflow_id=failure.workflow_id, user_id=user_id_of(failure.tenant), limit=10
            )
        )
    except NotFound:
        # The workflow is gone, and nobody can do anything about its errors any more.
        resolve(failure.tenant, failure.workflow_id, at=now)
        return True
    except AlloyError as error:
        log.warning("recovery_not_looked_for", failure=failure.pk, error=str(error))
        return isinstance(error, (PermanentError, NotYet))  # neither says that Alloy is down
    resolve_by(failure.tenant, failure.workflow_id, executions)
    return True
