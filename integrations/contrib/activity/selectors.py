"""Open failures, as pages show them. Every query starts from the tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from integrations import conf
from integrations.alloy import Integration
from integrations.contrib.activity.models import WorkflowFailure
from integrations.contrib.activity.words import in_plain_words
from integrations.models import IntegrationsSnapshot
from integrations.snapshots import integrations_in


@dataclass(frozen=True)
class Problem:
    """An open failure in a merchant's words; `detail` is the technical text, `url` the cure."""

    words: str
    detail: str
    count: int
    last_seen_at: datetime
    workflow_id: str
    workflow: str
    execution_id: str = ""
    url: str = ""


def open_failures(tenant: Any) -> QuerySet[WorkflowFailure]:
    """Return the tenant's open groups of errors, the latest first."""
    return WorkflowFailure.objects.filter(
        tenant=tenant, environment=conf.environment(), resolved_at=None
    ).order_by("-last_seen_at")


def problems_of(integration: Integration, failures: Sequence[WorkflowFailure]) -> list[Problem]:
    """Return those of the failures that are the integration's."""
    workflows = {workflow.workflow_id: workflow.name for workflow in integration.workflows}
    return [
        _problem(failure, integration, workflows[failure.workflow_id])
        for failure in failures
        if failure.workflow_id in workflows
    ]


def problems_about(tenant: Any, subject: str) -> list[Problem]:
    """Return the open problems of runs that were about this, say an order's number."""
    failures = list(open_failures(tenant).filter(subjects__subject=subject)[:10])
    if not failures:
        return []
    snapshot = IntegrationsSnapshot.objects.filter(
        alloy_user__tenant=tenant, alloy_user__environment=conf.environment()
    ).first()
    known = integrations_in(snapshot) if snapshot else []
    found = [problem for each in known for problem in problems_of(each, failures)]
    named = {problem.workflow_id for problem in found}
    return found + [_problem(each) for each in failures if each.workflow_id not in named]


def _problem(
    failure: WorkflowFailure, integration: Integration | None = None, workflow: str = ""
) -> Problem:
    url = reverse("integrations:detail", args=[integration.integration_id]) if integration else ""
    return Problem(
        words=in_plain_words(failure.message, app=_app(failure, integration)),
        detail=failure.message,
        count=failure.count,
        last_seen_at=failure.last_seen_at,
        workflow_id=failure.workflow_id,
        workflow=workflow,
        execution_id=failure.last_execution_id,
        url=url,
    )


def _app(failure: WorkflowFailure, integration: Integration | None) -> str:
    """Return the integration's name when it was its own app that failed."""
    if integration and integration.app.replace(" ", "").lower() == failure.block.lower():
        return integration.app
    return ""
