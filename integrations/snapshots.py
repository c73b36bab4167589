"""A tenant's integrations, from a fresh copy where there is one, otherwise from Alloy.

At most one call a page. When Alloy is slow or down the last known copy is shown with its age, and
Alloy is left alone for a while, so that the page stays quick.
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
from integrations.news import former_blocks
from integrations.provisioning import recreated_if_gone
from integrations.signals import integrations_read

log = structlog.get_logger(__name__)

SECONDS_TO_WAIT_WITH_A_COPY = 1.0
SECONDS_TO_WAIT_WITHOUT = 4.0
PAUSE_AFTER_A_FAILURE = timedelta(seconds=15)


def snapshot_of(alloy_user: AlloyUser, *, anew: bool = False) -> IntegrationsSnapshot:
    """Return the tenant's snapshot, brought up to date where needed and possible.

    With `anew` even a fresh copy is read again. Never raises because of Alloy: the snapshot says
    in `last_failure` why it could not be brought up to date.
    """
    snapshot, _ = IntegrationsSnapshot.objects.get_or_create(alloy_user=alloy_user)
    snapshot.alloy_user = alloy_user
    outdated = _is_outdated(snapshot) or news_in_the_inbox(alloy_user).exists()
    if anew or (outdated and not _failed_a_moment_ago(snapshot)):
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


def news_in_the_inbox(alloy_user: AlloyUser) -> QuerySet[Delivery]:
    """Return the installations that Alloy told of and no worker has looked at yet."""
    return Delivery.objects.filter(
        kind=Delivery.Kind.INSTALLATION, tenant=alloy_user.tenant_id, due_at__isnull=False
    )


def _failed_a_moment_ago(snapshot: IntegrationsSnapshot) -> bool:
    return snapshot.retry_at is not None and snapshot.retry_at > timezone.now()


def _refresh(snapshot: IntegrationsSnapshot) -> None:
    has_copy = snapshot.fetched_at is not None
    seconds = SECONDS_TO_WAIT_WITH_A_COPY if has_copy else SECONDS_TO_WAIT_WITHOUT
    asked_at = timezone.now()
    try:
        with recreated_if_gone(snapshot.alloy_user):
            found = alloy().within(seconds).list_integrations(user_id=snapshot.alloy_user.user_id)
    except AlloyError as error:
        log.warning("integrations_not_read", error=str(error))
        retry_at = asked_at + PAUSE_AFTER_A_FAILURE
        _keep(snapshot, asked_at=asked_at, last_failure=str(error), retry_at=retry_at)
        return
    _keep(
        snapshot,
        asked_at=asked_at,
        data=[each.model_dump(mode="json") for each in found],
        paused_since=_paused_since(snapshot, found, asked_at),
        former_blocks=former_blocks(snapshot.former_blocks, integrations_in(snapshot), found),
        # The moment of asking, not of the answer: what changes in between makes the copy old again.
        fetched_at=asked_at,
        last_failure="",
        retry_at=None,
    )
    integrations_read.send_robust(
        sender=None, alloy_user=snapshot.alloy_user, integrations=found, at=asked_at
    )


def _paused_since(
    snapshot: IntegrationsSnapshot, found: list[Integration], now: datetime
) -> dict[str, str]:
    """Return since when each paused workflow has been seen to be, since Alloy does not tell."""
    known = snapshot.paused_since
    return {
        workflow.workflow_id: known.get(workflow.workflow_id, now.isoformat())
        for integration in found
        for workflow in integration.workflows
        if workflow.paused
    }


def _keep(snapshot: IntegrationsSnapshot, *, asked_at: datetime, **news: Any) -> None:
    """Write down what came of asking, unless somebody who asked later was answered sooner."""
    kept = IntegrationsSnapshot.objects.filter(pk=snapshot.pk)
    kept.exclude(fetched_at__gt=asked_at).update(**news)


def something_changed(alloy_user: AlloyUser) -> None:
    """Have the next page read the integrations anew."""
    IntegrationsSnapshot.objects.filter(alloy_user=alloy_user).update(
        changed_at=timezone.now(), retry_at=None
    )


def integrations_in(snapshot: IntegrationsSnapshot) -> list[Integration]:
    """Return the copy's integrations as typed models; none where another release wrote it."""
    try:
        return [Integration.model_validate(each) for each in snapshot.data]
    except ValidationError:
        log.warning("integrations_not_readable", alloy_user=snapshot.alloy_user_id)
        return []
