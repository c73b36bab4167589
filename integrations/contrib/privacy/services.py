"""Begins to erase: on request, or when a tenant's row is deleted, in whatever way.

What has to happen at Alloy is written to the outbox in the same transaction, so that an outage
there leaves nothing behind: the messages wait until Alloy is back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db import IntegrityError, OperationalError, models
from django.dispatch import receiver
from django.utils import timezone

from integrations import conf, database
from integrations.contrib.privacy.models import Erasure
from integrations.contrib.privacy.selectors import erasures_of
from integrations.models import AlloyUser, Delivery
from integrations.outbox import enqueue
from integrations.signals import logs_erased, tenant_erased
from integrations.tenants.erasure import forget
from integrations.tenants.sign_up import alloy_user_of, provisioning_group

Requester = Erasure.Requester
Scope = Erasure.Scope


@database.atomic()
def logs_erase(*, tenant: Any, requested_by: Erasure.Requester) -> Erasure:
    """Erase the tenant's logs at Alloy, and what we kept of them; once, however often asked."""
    # Locked, so that two who ask at once are one.
    alloy_user = AlloyUser.objects.select_for_update().get(pk=alloy_user_of(tenant).pk)
    under_way = erasures_of(tenant).filter(scope=Scope.LOGS, finished_at=None).first()
    if under_way is not None:
        return under_way
    Delivery.objects.filter(tenant=tenant, kind=Delivery.Kind.ERROR).delete()
    logs_erased.send(sender=None, tenant=tenant)
    erasure = _begin(alloy_user, Scope.LOGS, requested_by, tenant_key=str(tenant.pk))
    _enqueue(alloy_user, erasure, "erase_logs", tenant=tenant)
    return erasure


def account_erase(*, tenant: Any, requested_by: Erasure.Requester) -> None:
    """Erase a tenant, here and at Alloy. What belongs to the tenant's row goes with it.

    Waits for those who keep the tenant. A worker that writes for it this very moment may make the
    database refuse: then it is begun again, and what was written is erased as well.
    """
    tenants, pk = tenant._meta.default_manager.all(), tenant.pk
    for tries_left in (2, 1, 0):
        try:
            with database.atomic():
                found = tenants.select_for_update().filter(pk=pk).first()
                _account_erase(found or tenant, requested_by)
        except (IntegrityError, OperationalError):
            if not tries_left:
                raise
        else:
            return


def _account_erase(tenant: Any, requested_by: Erasure.Requester) -> None:
    alloy_users = forget(tenant)
    erase_at_alloy(tenant, alloy_users, requested_by=requested_by)
    tenant.delete()


@receiver(tenant_erased)
def erase_at_alloy_too(tenant: Any, alloy_users: Sequence[AlloyUser], **_: Any) -> None:
    """Erase the tenant at Alloy, where the settings ask for that.

    Not by itself: whoever shares a key with another project, or deletes a row to try something,
    would lose somebody's connected stores by it.
    """
    if conf.read().DELETE_AT_ALLOY:
        erase_at_alloy(tenant, alloy_users, requested_by=Requester.OPERATOR)


@database.atomic()
def erase_at_alloy(
    tenant: Any, alloy_users: Iterable[AlloyUser], *, requested_by: Erasure.Requester
) -> None:
    """Have all that Alloy holds of a tenant erased, in every environment it was known in."""
    alloy_users = list(alloy_users)
    _blank_the_admin_log(tenant, *alloy_users)
    for alloy_user in alloy_users:
        erasure = _begin(alloy_user, Scope.ACCOUNT, requested_by, tenant_key=str(tenant.pk))
        for kind in ("erase_logs", "erase_credentials", "erase_user"):
            _enqueue(alloy_user, erasure, kind)


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


def _begin(
    alloy_user: AlloyUser, scope: Erasure.Scope, by: Erasure.Requester, *, tenant_key: str
) -> Erasure:
    return Erasure.objects.create(
        scope=scope,
        requested_by=by,
        tenant_key=tenant_key,
        environment=alloy_user.environment,
        here_at=timezone.now(),
    )


def _enqueue(alloy_user: AlloyUser, erasure: Erasure, kind: str, tenant: Any = None) -> None:
    # In the group that makes the Alloy user: one that is being made this moment is erased as well.
    enqueue(
        group_key=provisioning_group(alloy_user),
        tenant=tenant,
        kind=kind,
        payload={"user_id": alloy_user.user_id, "alloy_user": alloy_user.pk, "erasure": erasure.pk},
        environment=alloy_user.environment,
    )
