"""Empties a tenant's rows when the tenant is deleted, here or on request.

Code that writes for a tenant calls `keep_tenant` first, so that nothing is written for one that is
being erased at that moment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import QuerySet
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from integrations import conf, database
from integrations.models import (
    AlloyUser,
    Attempt,
    Delivery,
    IntegrationsSnapshot,
    Message,
    MessageGroup,
)
from integrations.signals import logs_erased, tenant_erased


def keep_tenant(tenant: Any) -> None:
    """Keep a tenant from being erased until this transaction ends: call it first in a transaction.

    Transactions of one tenant take turns. Raises the tenant model's `DoesNotExist` where it was
    erased meanwhile.
    """
    tenant._meta.default_manager.select_for_update(no_key=True).get(pk=tenant.pk)


def keep_tenants(ids: Collection[Any]) -> list[Any]:
    """Keep several tenants from being erased; return the ids of those that are left."""
    model: Any = Delivery._meta.get_field("tenant").related_model
    rows = model._default_manager.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return list(rows.values_list("pk", flat=True))


@receiver(pre_delete, sender=conf.tenant_model())
def tenant_is_deleted(*, instance: Any, **_signal: Any) -> None:
    """Forget a tenant whose row is about to be deleted, in whatever way.

    Before, not after: afterwards nobody knows which Alloy users were the tenant's.
    """
    alloy_users = forget(instance)
    if alloy_users:
        tenant_erased.send(sender=type(instance), tenant=instance, alloy_users=alloy_users)


@database.atomic()
def forget(tenant: Any) -> list[AlloyUser]:
    """Separate a tenant from its Alloy users, and discard its messages; return the Alloy users.

    Their rows stay, without a name, so that no other tenant is ever given one of them. A second
    call finds nothing to do.
    """
    alloy_users = list(AlloyUser.objects.select_for_update().filter(tenant=tenant))
    for alloy_user in alloy_users:
        IntegrationsSnapshot.objects.filter(alloy_user=alloy_user).delete()
        AlloyUser.objects.filter(pk=alloy_user.pk).update(tenant=None, full_name="")
    _hinted(alloy_users).delete()
    _empty_the_outbox(tenant)
    return alloy_users


@receiver(logs_erased)
def erase_hinted_errors(tenant: Any, **_signal: Any) -> None:
    """Delete the streamed errors that only an unsigned header assigns to the tenant."""
    errors = _hinted(AlloyUser.objects.filter(tenant=tenant)).filter(kind=Delivery.Kind.ERROR)
    errors.delete()


def _hinted(alloy_users: Iterable[AlloyUser]) -> QuerySet[Delivery]:
    """Return the deliveries that only an unsigned header assigns to one of these users."""
    user_ids = [each.user_id for each in alloy_users if each.user_id]
    return Delivery.objects.filter(tenant=None, hinted_user_id__in=user_ids)


def _empty_the_outbox(tenant: Any) -> None:
    """Discard what waits, and blank what was sent; rows stay, since a worker may hold them now."""
    messages = Message.objects.filter(tenant=tenant)
    # Locked first, as everywhere, and in one order, so that there are no deadlocks.
    groups = MessageGroup.objects.filter(pk__in=messages.values("group")).order_by("pk")
    list(groups.select_for_update().values_list("pk"))
    messages.filter(state__in=(Message.State.WAITING, Message.State.DEAD)).update(
        state=Message.State.DISCARDED, settled_at=timezone.now()
    )
    messages.update(payload={}, last_error="")
    Attempt.objects.filter(message__tenant=tenant).update(error="")
