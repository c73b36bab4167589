"""A tenant's integrations: from a stored copy while it is fresh, otherwise from Alloy.

A page makes at most one call. If Alloy is slow or down, the page shows the last copy with its age,
and does not call Alloy again for a while, so that it stays quick.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import QuerySet
from django.utils import timezone
from pydantic import ValidationError

from integrations import conf
from integrations.alloy import AlloyError, Integration
from integrations.client import alloy
from integrations.models import AlloyUser, Delivery, IntegrationsSnapshot
from integrations.pages.news import former_blocks
from integrations.signals import integrations_read
from integrations.tenants.provisioning import recreated_if_gone

log = structlog.get_logger(__name__)

SECONDS_TO_WAIT_WITH_A_COPY = 1.0
SECONDS_TO_WAIT_WITHOUT = 4.0
PAUSE_AFTER_A_FAILURE = timedelta(seconds=15)


def snapshot_of(alloy_user: AlloyUser, *, refresh: bool = False) -> IntegrationsSnapshot:
    """Return the tenant's snapshot, brought up to date where needed and possible.

    With `refresh` Alloy is asked even if the copy is fresh. Never raises because of Alloy: the
    snapshot's `last_failure` says why it could not be brought up to date.
    """
    snapshot, _ = IntegrationsSnapshot.objects.get_or_create(alloy_user=alloy_user)
    snapshot.alloy_user = alloy_user
    outdated = _is_outdated(snapshot) or unprocessed_installations(alloy_user).exists()
    may_ask = snapshot.retry_at is None or snapshot.retry_at <= timezone.now()
    if refresh or (outdated and may_ask):
        _refresh(snapshot)
        return IntegrationsSnapshot.objects.filter(pk=snapshot.pk).first() or snapshot
    return snapshot


def _is_outdated(snapshot: IntegrationsSnapshot) -> bool:
    if snapshot.fetched_at is None:
        return True
    if snapshot.changed_at is not None and snapshot.changed_at >= snapshot.fetched_at:
        return True
    return timezone.now() - snapshot.fetched_at > timedelta(
        seconds=conf.read().INTEGRATIONS_MAX_AGE
    )


def unprocessed_installations(alloy_user: AlloyUser) -> QuerySet[Delivery]:
    """Return the installation webhooks that no worker has processed yet."""
    return Delivery.objects.filter(
        kind=Delivery.Kind.INSTALLATION, tenant=alloy_user.tenant_id, due_at__isnull=False
    )


def _refresh(snapshot: IntegrationsSnapshot) -> None:
    """Ask Alloy, and store its answer, or why there is none."""
    asked_at = timezone.now()
    try:
        found = _ask(snapshot)
    except AlloyError as error:
        log.warning("integrations_not_read", error=str(error))
        retry_at = asked_at + PAUSE_AFTER_A_FAILURE
        _store(snapshot, asked_at=asked_at, last_failure=str(error), retry_at=retry_at)
        return
    _store(
        snapshot,
        asked_at=asked_at,
        data=[each.model_dump(mode="json") for each in found],
        paused_since=_paused_since(snapshot, found, asked_at),
        former_blocks=former_blocks(snapshot.former_blocks, integrations_in(snapshot), found),
        # When we asked, not when Alloy answered: a change in between makes the copy outdated.
        fetched_at=asked_at,
        last_failure="",
        retry_at=None,
    )
    integrations_read.send_robust(
        sender=None, alloy_user=snapshot.alloy_user, integrations=found, at=asked_at
    )


def _ask(snapshot: IntegrationsSnapshot) -> list[Integration]:
    """Ask Alloy, and wait for less long if there is a copy to show. Raises `AlloyError`."""
    has_copy = snapshot.fetched_at is not None
    seconds = SECONDS_TO_WAIT_WITH_A_COPY if has_copy else SECONDS_TO_WAIT_WITHOUT
    with recreated_if_gone(snapshot.alloy_user):
        return alloy().within(seconds).list_integrations(user_id=snapshot.alloy_user.user_id)


def _paused_since(
    snapshot: IntegrationsSnapshot, found: list[Integration], now: datetime
) -> dict[str, str]:
    """Return when each paused workflow was first seen to be paused: Alloy does not say when."""
    known = snapshot.paused_since
    return {
        workflow.workflow_id: known.get(workflow.workflow_id, now.isoformat())
        for integration in found
        for workflow in integration.workflows
        if workflow.paused
    }


def _store(snapshot: IntegrationsSnapshot, *, asked_at: datetime, **values: Any) -> None:
    """Store the outcome, unless somebody who asked later was answered sooner."""
    stored = IntegrationsSnapshot.objects.filter(pk=snapshot.pk)
    stored.exclude(fetched_at__gt=asked_at).update(**values)


def mark_outdated(alloy_user: AlloyUser) -> None:
    """Make the next page ask Alloy again: something has changed there."""
    IntegrationsSnapshot.objects.filter(alloy_user=alloy_user).update(
        changed_at=timezone.now(), retry_at=None
    )


def stored_snapshot_of(tenant: Any) -> IntegrationsSnapshot | None:
    """Return the tenant's snapshot as it is stored; Alloy is not asked."""
    stored = IntegrationsSnapshot.objects.select_related("alloy_user")
    here = {"alloy_user__tenant": tenant, "alloy_user__environment": conf.environment()}
    return stored.filter(**here).first()


def integrations_in(snapshot: IntegrationsSnapshot | None) -> list[Integration]:
    """Return a snapshot's integrations as typed models; none if another release wrote it."""
    if snapshot is None:
        return []
    try:
        return [Integration.model_validate(each) for each in snapshot.data]
    except ValidationError:
        log.warning("integrations_not_readable", alloy_user=snapshot.alloy_user_id)
        return []
