"""Begins to erase.

What has to happen at Alloy is written to the outbox in the same transaction, so that an outage
there leaves nothing behind: the messages wait until Alloy is back.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from integrations.erasure.selectors import erasures_of
from integrations.models import (
    AlloyUser,
    Attempt,
    Delivery,
    Erasure,
    IntegrationsSnapshot,
    Message,
    WorkflowFailure,
)
from integrations.outbox.publish import enqueue
from integrations.tenants import alloy_user_of, provisioning_group

Requester = Erasure.Requester
Scope = Erasure.Scope

UNSETTLED = (Message.State.WAITING, Message.State.DEAD)


@transaction.atomic
def logs_erase(*, tenant: Any, requested_by: Erasure.Requester) -> Erasure:
    """Erase the tenant's logs at Alloy, and what we kept of them; once, however often asked."""
    # Locked, so that two who ask at once are one.
    alloy_user = AlloyUser.objects.select_for_update().get(pk=alloy_user_of(tenant).pk)
    under_way = erasures_of(tenant).filter(scope=Scope.LOGS, finished_at=None).first()
    if under_way is not None:
        return under_way
    WorkflowFailure.objects.filter(tenant=tenant, environment=alloy_user.environment).delete()
    Delivery.objects.filter(tenant=tenant, kind=Delivery.Kind.ERROR).delete()
    erasure = _begin(alloy_user, Scope.LOGS, requested_by)
    _enqueue(alloy_user, erasure, "erase_logs", tenant=tenant)
    return erasure


@transaction.atomic
def account_erase(*, tenant: Any, requested_by: Erasure.Requester) -> None:
    """Erase a tenant, here and at Alloy. What belongs to the tenant's row goes with it."""
    forget_at_alloy(tenant, requested_by=requested_by)
    tenant.delete()


@transaction.atomic
def forget_at_alloy(tenant: Any, *, requested_by: Erasure.Requester) -> None:
    """Have all that Alloy holds of a tenant erased, in every environment it was known in.

    The Alloy user is parted from the tenant, so that a second call finds nothing to do. Its row
    stays as a tombstone; what we meant to tell Alloy about the tenant is told no more.
    """
    alloy_users = list(AlloyUser.objects.select_for_update().filter(tenant=tenant))
    _empty_the_outbox(tenant)
    _blank_the_admin_log(tenant, *alloy_users)
    for alloy_user in alloy_users:
        IntegrationsSnapshot.objects.filter(alloy_user=alloy_user).delete()
        AlloyUser.objects.filter(pk=alloy_user.pk).update(tenant=None)
        erasure = _begin(alloy_user, Scope.ACCOUNT, requested_by)
        for kind in ("erase_logs", "erase_credentials", "erase_user"):
            _enqueue(alloy_user, erasure, kind)


def tenant_is_deleted(*, instance: Any, **_signal: Any) -> None:
    """Erase at Alloy, too, whoever deletes a tenant's row and however."""
    forget_at_alloy(instance, requested_by=Requester.OPERATOR)


def _empty_the_outbox(tenant: Any) -> None:
    """Discard what waits, and blank what was told: rows that a worker may hold right now stay."""
    messages = Message.objects.filter(tenant=tenant)
    messages.filter(state__in=UNSETTLED).update(
        state=Message.State.DISCARDED, settled_at=timezone.now()
    )
    messages.update(payload={}, last_error="")
    Attempt.objects.filter(message__tenant=tenant).update(error="")


def _blank_the_admin_log(*rows: models.Model) -> None:
    """Take the names out of what the admin has logged about these rows, deletions included."""
    if not apps.is_installed("django.contrib.admin"):
        return
    from django.contrib.admin.models import LogEntry
    from django.contrib.contenttypes.models import ContentType

    for row in rows:
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk)
        ).update(object_repr="erased")


def _begin(alloy_user: AlloyUser, scope: Erasure.Scope, by: Erasure.Requester) -> Erasure:
    return Erasure.objects.create(
        scope=scope,
        requested_by=by,
        tenant_key=str(alloy_user.tenant_id),
        environment=alloy_user.environment,
        here_at=timezone.now(),
    )


def _enqueue(alloy_user: AlloyUser, erasure: Erasure, kind: str, tenant: Any = None) -> None:
    # In the group that makes the Alloy user: one that is being made this moment is erased as well.
    enqueue(
        group_key=provisioning_group(alloy_user),
        tenant=tenant,
        kind=kind,
        payload={
            "user_id": alloy_user.user_id,
            "alloy_user": alloy_user.pk,
            "erasure": erasure.pk,
        },
        environment=alloy_user.environment,
    )
