"""Open failures, as pages show them. Every query starts from the tenant."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from integrations import conf
from integrations.alloy import ExecutionState, Integration
from integrations.contrib.activity.models import EventRun, FailureSubject, WorkflowFailure
from integrations.contrib.activity.words import in_plain_words, is_refusal
from integrations.event_results import EventResult
from integrations.models import AlloyUser
from integrations.pages.health import Failure
from integrations.pages.snapshots import integrations_in, stored_snapshot_of
from integrations.signals import event_results_wanted, failures_wanted

FAILURES_SHOWN = 100
SUBJECTS_SHOWN = 20
ALLOYS_OWN = {"customevent", "streamdata"}
"""Steps that are no app's: they begin with our event, or hand us something."""
BETWEEN_US = gettext_noop("A step between Alloy and us failed. Our support team sees this.")


def open_failures(tenant: Any) -> QuerySet[WorkflowFailure]:
    """Return the tenant's open groups of errors, the latest first."""
    return WorkflowFailure.objects.filter(
        tenant=tenant, environment=conf.environment(), resolved_at=None
    ).order_by("-last_seen_at")


@receiver(failures_wanted)
def failures_in(
    alloy_user: AlloyUser, integrations: Sequence[Integration], **_: Any
) -> list[Failure]:
    """Return what fails in these integrations; a query, and one for what the failures are about."""
    latest = FailureSubject.objects.order_by("-pk")[:SUBJECTS_SHOWN]
    failures = open_failures(alloy_user.tenant_id).prefetch_related(
        Prefetch("subjects", latest, "latest")
    )
    known = _by_workflow(integrations)
    return [
        _failure(failure, known[failure.workflow_id], [each.subject for each in failure.latest])
        for failure in failures[:FAILURES_SHOWN]
        if failure.workflow_id in known
    ]


def failures_about(tenant: Any, subject: str) -> list[Failure]:
    """Return the open failures of runs that were about this, say an order's number."""
    failures = list(open_failures(tenant).filter(subjects__subject=subject)[:10])
    known = _by_workflow(integrations_in(stored_snapshot_of(tenant))) if failures else {}
    return [_failure(each, known.get(each.workflow_id), [subject]) for each in failures]


@receiver(event_results_wanted)
def results_of(uids: Collection[UUID], **_: Any) -> dict[UUID, list[EventResult]]:
    """Return what came of these events: the latest run of each workflow; one query."""
    runs = EventRun.objects.filter(message_uid__in=uids).order_by("started_at")
    latest = {(each.message_uid, each.workflow_id): each for each in runs}
    found: dict[UUID, list[EventResult]] = {}
    for each in latest.values():
        found.setdefault(each.message_uid, []).append(_result(each))
    return found


def run_key(execution_id: str) -> str:
    """Return a name for a run that can stand in an HTML id and in an address."""
    return hashlib.sha256(execution_id.encode()).hexdigest()[:12]


def _result(run: EventRun) -> EventResult:
    page = reverse("integrations:detail", args=[run.integration_id])
    state = ExecutionState(run.state)
    failed = state is ExecutionState.FAILED
    return EventResult(
        app=run.app,
        workflow=run.workflow,
        state=state,
        at=run.stopped_at or run.started_at,
        words=in_plain_words(run.error, app=run.app) if failed else "",
        url=f"{page}?workflow={quote(run.workflow_id)}#run-{run_key(run.execution_id)}",
    )


def _by_workflow(integrations: Sequence[Integration]) -> dict[str, Integration]:
    return {each.workflow_id: it for it in integrations for each in it.workflows}


def _failure(
    failure: WorkflowFailure, integration: Integration | None, subjects: Iterable[str]
) -> Failure:
    app = _app(failure, integration)
    workflows = integration.workflows if integration else ()
    page = reverse("integrations:detail", args=[integration.integration_id]) if integration else ""
    failed_runs = f"?workflow={quote(failure.workflow_id)}&show=failures#activity"
    return Failure(
        workflow_id=failure.workflow_id,
        workflow=next((it.name for it in workflows if it.workflow_id == failure.workflow_id), ""),
        words=in_plain_words(failure.message, app=app) if app else gettext(BETWEEN_US),
        detail=failure.message,
        count=failure.count,
        since=failure.first_seen_at,
        last_seen_at=failure.last_seen_at,
        is_refused=bool(app) and is_refusal(failure.message),
        subjects=tuple(subjects),
        url=page and page + failed_runs,
    )


def _app(failure: WorkflowFailure, integration: Integration | None) -> str:
    """Return the name of the app that failed, "" where none did."""
    block, app = failure.block, integration.app if integration else ""
    if block.lower() in ALLOYS_OWN:
        return ""
    if not block or block.lower() == app.replace(" ", "").lower():
        return app or gettext("The other system")
    return block[:1].upper() + block[1:]
