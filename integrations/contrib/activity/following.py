"""Follows our events to the runs that they start.

Alloy names no run in its answer to an event, so a run is recognised by what it was given: the data
of the event. The logs are read in the background, all of a tenant's events at once: when somebody
waits for a result, every minute for what was sent lately, and when Alloy streams an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.dispatch import receiver
from django.utils import timezone

from integrations import conf, correlation, database
from integrations.alloy import Execution, ExecutionState, Integration, NotFound, Workflow
from integrations.alloy.client import LOGS_PAGE_LIMIT
from integrations.client import alloy
from integrations.contrib.activity.models import EventRun
from integrations.contrib.activity.record import message_in
from integrations.contrib.activity.recovery import resolve_by
from integrations.contrib.activity.unstreamed import record_unstreamed
from integrations.event_results import begins_with_an_event
from integrations.models import Message
from integrations.outbox import delivers, enqueue
from integrations.pages.snapshots import integrations_in, stored_snapshot_of
from integrations.signals import event_results_awaited
from integrations.tenants.provisioning import user_id_of
from integrations.times import stored

SECONDS_BETWEEN_READS = 3
WORKFLOWS_AT_MOST = 10
EVENTS_AT_ONCE = 300
TENANTS_AT_ONCE = 20
UNTIL_A_RUN_SHOWS_UP = timedelta(minutes=10)
SENT_LATELY = timedelta(minutes=3)


@receiver(event_results_awaited)
def have_runs_read(tenant: Any, **_: Any) -> None:
    """Have the logs read soon: at most every few seconds, and once at a time."""
    if not cache.add(f"runs-read:{conf.environment()}:{tenant.pk}", 1, SECONDS_BETWEEN_READS):
        return
    group_key = f"runs:{tenant.pk}"
    waiting = Message.objects.filter(
        group__environment=conf.environment(), group__key=group_key, state=Message.State.WAITING
    )
    if not waiting.exists():
        with database.atomic():
            enqueue(group_key=group_key, tenant=tenant, kind="read_runs", payload={})


def have_latest_runs_read() -> None:
    """Have the logs read of tenants with recent events whose runs are not known to be over."""
    since = timezone.now() - UNTIL_A_RUN_SHOWS_UP
    runs = EventRun.objects.filter(environment=conf.environment(), started_at__gte=since)
    running = runs.filter(state=ExecutionState.RUNNING).select_related("tenant")
    sent = _delivered(SENT_LATELY).select_related("tenant").order_by("-settled_at")[:EVENTS_AT_ONCE]
    unknown = {each.uid: each for each in sent}
    for uid in runs.filter(message_uid__in=unknown).values_list("message_uid", flat=True):
        unknown.pop(uid, None)
    waiting = [*unknown.values(), *running[:EVENTS_AT_ONCE]]
    tenants = {each.tenant_id: each.tenant for each in waiting}
    for tenant in list(tenants.values())[:TENANTS_AT_ONCE]:
        have_runs_read(tenant)


def follow_rerun(execution_id: str, again: str) -> None:
    """Have a run that was run again followed under its new id, if an event of ours started it."""
    first = EventRun.objects.filter(
        environment=conf.environment(), execution_id=execution_id
    ).first()
    if first is not None:
        first.pk, first.execution_id, first.state = None, again, ExecutionState.RUNNING
        first.error, first.started_at, first.stopped_at = "", timezone.now(), None
        EventRun.objects.bulk_create([first], ignore_conflicts=True)


@delivers("read_runs")
def read_runs(message: Message) -> None:
    """Read the logs of the workflows that events start: `GET /workflows/{id}/logs` for each."""
    tenant = message.tenant
    user_id = user_id_of(tenant) if tenant else ""
    for integration, workflow in installed_workflows_of(tenant) if tenant else ():
        if not begins_with_an_event(workflow):
            continue
        try:
            executions = alloy().workflow_logs(
                workflow_id=workflow.workflow_id, user_id=user_id, limit=LOGS_PAGE_LIMIT
            )
        except NotFound:
            continue  # it was removed meanwhile
        store_runs(tenant, integration, workflow, executions)


def store_runs(
    tenant: Any, integration: Integration, workflow: Workflow, executions: Sequence[Execution]
) -> None:
    """Store which of a workflow's runs our events started, and which failures they show or end."""
    runs = list(_runs(tenant, integration, workflow, executions))
    if correlation.is_tracing():
        _trace(runs)
    EventRun.objects.bulk_create(
        runs,
        update_conflicts=True,
        unique_fields=["environment", "execution_id"],
        update_fields=["state", "error", "stopped_at"],
    )
    resolve_by(tenant, workflow.workflow_id, executions)
    record_unstreamed(tenant, workflow.workflow_id, executions)


def _trace(runs: Iterable[EventRun]) -> None:
    """Add the runs that have ended since the last look to the traces of their events."""
    over = {each.execution_id: each for each in runs if each.stopped_at}
    known = EventRun.objects.filter(
        environment=conf.environment(), execution_id__in=over, stopped_at__isnull=False
    )
    for execution_id in known.values_list("execution_id", flat=True):
        del over[execution_id]
    uids = [run.message_uid for run in over.values()]
    ids = dict(Message.objects.filter(uid__in=uids).values_list("uid", "correlation_id"))
    for run in over.values():
        trace_id, began, ended = ids.get(run.message_uid, ""), run.started_at, run.stopped_at
        correlation.trace_run(trace_id, f"run of {run.workflow}", began=began, ended=ended or began)


def installed_workflows_of(tenant: Any) -> list[tuple[Integration, Workflow]]:
    """Return the tenant's installed workflows, as far as the stored copy tells."""
    return [
        (integration, workflow)
        for integration in integrations_in(stored_snapshot_of(tenant))
        for workflow in integration.installed_workflows
    ][:WORKFLOWS_AT_MOST]


def _delivered(since: timedelta) -> Any:
    """Return the events that Alloy took since; ordered and limited by who reads them."""
    return Message.objects.filter(
        kind="event",
        state=Message.State.DELIVERED,
        group__environment=conf.environment(),
        tenant__isnull=False,
        settled_at__gte=timezone.now() - since,
    )


def _runs(
    tenant: Any, integration: Integration, workflow: Workflow, executions: Iterable[Execution]
) -> Iterator[EventRun]:
    events = list(
        _delivered(UNTIL_A_RUN_SHOWS_UP)
        .filter(tenant=tenant)
        .order_by("-settled_at")[:EVENTS_AT_ONCE]
    )
    known = dict(
        EventRun.objects.filter(
            tenant=tenant,
            environment=conf.environment(),
            execution_id__in=[each.execution_id for each in executions],
        ).values_list("execution_id", "message_uid")
    )
    for each in executions:
        uid = known.get(each.execution_id) or _started_by(each, events)
        if uid is not None:
            yield EventRun(
                tenant=tenant,
                environment=conf.environment(),
                message_uid=uid,
                execution_id=each.execution_id,
                integration_id=integration.integration_id,
                app=integration.app,
                workflow_id=workflow.workflow_id,
                workflow=workflow.name,
                state=each.state,
                error=message_in(each.error),
                started_at=stored(each.started_at),
                stopped_at=stored(each.stopped_at) if each.stopped_at else None,
            )


def _started_by(execution: Execution, events: Sequence[Message]) -> Any:
    """Return the uid of the event that a run was given; None if it was given none of these.

    Of several alike, the one that Alloy took nearest to the run's start.
    """
    began, given = stored(execution.started_at), list(_given(execution))
    alike = [each for each in events if any(_is_in(each.payload, data) for data in given)]
    nearest = min(alike, key=lambda each: _distance(each, began), default=None)
    return nearest.uid if nearest else None


def _distance(event: Message, began: datetime) -> timedelta:
    return abs((event.settled_at or event.created_at) - began)


def _given(execution: Execution) -> Iterator[dict[str, Any]]:
    """Yield what a run may have been given: versions of the log differ in where they say it."""
    first = [execution.inputs[0].data] if execution.inputs else []
    first += list(execution.results[0].data[:1]) if execution.results else []
    for each in first:
        for wrapped in (each, *(_get(each, name) for name in ("data", "body", "json"))):
            if isinstance(wrapped, dict):
                yield wrapped


def _get(data: Any, name: str) -> Any:
    return data.get(name) if isinstance(data, dict) else None


def _is_in(payload: dict[str, Any], data: dict[str, Any]) -> bool:
    return bool(payload) and all(
        name in data and str(data[name]) == str(value) for name, value in payload.items()
    )
