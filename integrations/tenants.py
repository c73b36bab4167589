"""Sign-up: every tenant gets one Alloy user, however the tenant's row came to be.

The intent is a row, written in the tenant's own transaction; the outbox makes the call. Alloy may
be down for as long as it likes: sign-up succeeds, and the Alloy user follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import structlog
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string

from integrations import conf
from integrations.alloy import AlloyClient, NotFound, UsernameTaken
from integrations.client import alloy
from integrations.models import (
    AlloyUser,
    Attempt,
    Delivery,
    IntegrationsSnapshot,
    Message,
    MessageGroup,
)
from integrations.outbox.handlers import NotYet
from integrations.outbox.publish import enqueue
from integrations.signals import tenant_erased, tenant_provisioned

log = structlog.get_logger(__name__)

LONGEST_NAME = 255
"""Characters of a name that are kept."""


class NotProvisionedYet(NotYet):
    """The tenant has no Alloy user yet; whatever needs one waits until it does."""


def tenant_of(request: HttpRequest) -> Any:
    """Return the tenant a request acts for, by the function ALLOY_TENANT_OF_REQUEST names."""
    return import_string(conf.tenant_of_request())(request)


def user_of(request: HttpRequest) -> Any:
    """Return the logged-in user: right where every user is a tenant of their own."""
    return request.user


def provision_new_tenant(
    *, instance: models.Model, created: bool, raw: bool = False, **_signal: Any
) -> None:
    """Write down, in the same transaction as the new tenant, that an Alloy user is needed.

    Not for the `raw` rows of a fixture: a backup brings its Alloy users along.
    """
    if created and not raw:
        provision(tenant=instance)


def keep_tenant(tenant: Any) -> None:
    """Keep a tenant from being erased until this transaction ends: call it first in a transaction.

    Whoever writes for one tenant at the same time takes turns. Raises the tenant model's
    `DoesNotExist` where it was erased meanwhile.
    """
    tenant._meta.default_manager.select_for_update(no_key=True).get(pk=tenant.pk)


def keep_tenants(ids: Collection[Any]) -> None:
    """Keep several tenants, those that are left of them, from being erased; see `keep_tenant`."""
    model: Any = Delivery._meta.get_field("tenant").related_model
    rows = model._default_manager.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    list(rows.values_list("pk"))


def tenant_is_deleted(*, instance: Any, **_signal: Any) -> None:
    """Let go of a tenant whose row is about to be deleted, by whomever and however."""
    alloy_users = forget(instance)
    if alloy_users:
        tenant_erased.send(sender=type(instance), tenant=instance, alloy_users=alloy_users)


@transaction.atomic
def forget(tenant: Any) -> list[AlloyUser]:
    """Part a tenant from its Alloy users, and tell Alloy no more about it; return them.

    Their rows stay, nameless, so that nobody else is ever given one of them. A second call finds
    nothing to do.
    """
    alloy_users = list(AlloyUser.objects.select_for_update().filter(tenant=tenant))
    for alloy_user in alloy_users:
        IntegrationsSnapshot.objects.filter(alloy_user=alloy_user).delete()
        AlloyUser.objects.filter(pk=alloy_user.pk).update(tenant=None, full_name="")
    _forget_hinted(alloy_users)
    _empty_the_outbox(tenant)
    return alloy_users


def _forget_hinted(alloy_users: Iterable[AlloyUser]) -> None:
    """Delete the deliveries of which only a header says whose they are."""
    user_ids = [each.user_id for each in alloy_users if each.user_id]
    Delivery.objects.filter(tenant=None, hinted_user_id__in=user_ids).delete()


def _empty_the_outbox(tenant: Any) -> None:
    """Discard what waits, and blank what was told: rows that a worker may hold right now stay."""
    messages = Message.objects.filter(tenant=tenant)
    messages.filter(state__in=(Message.State.WAITING, Message.State.DEAD)).update(
        state=Message.State.DISCARDED, settled_at=timezone.now()
    )
    messages.update(payload={}, last_error="")
    Attempt.objects.filter(message__tenant=tenant).update(error="")


def alloy_user_of(tenant: Any) -> AlloyUser:
    """Return the tenant's row in this environment; a tenant that has none yet is provisioned."""
    known = AlloyUser.objects.filter(tenant=tenant, environment=conf.environment()).first()
    if known is None:
        return provision(tenant=tenant)
    known.tenant = tenant  # at hand already, so nobody has to read it again
    return known


@transaction.atomic
def provision(*, tenant: Any) -> AlloyUser:
    """Make sure that an Alloy user exists or is on its way, in the current environment."""
    alloy_user, created = AlloyUser.objects.get_or_create(
        tenant=tenant,
        environment=conf.environment(),
        defaults={"username": username_of(tenant), "full_name": full_name_of(tenant)},
    )
    if created:
        enqueue(
            group_key=provisioning_group(alloy_user),
            tenant=tenant,
            kind="provision",
            payload={"alloy_user": alloy_user.pk},
        )
    return alloy_user


def provisioning_group(alloy_user: AlloyUser) -> str:
    """Return the key of the group that the making of an Alloy user waits in."""
    return f"alloy-user:{alloy_user.pk}"


def create_at_alloy(alloy_user: AlloyUser) -> str:
    """Create the user at Alloy, or find the one that an earlier try made; return its userId.

    Raises `AlloyError`. Makes at most two calls.
    """
    if not alloy_user.user_id:
        user_id = _create_or_find(alloy_user)
        if _belongs_to_somebody_else(alloy_user, user_id):
            _take_a_name_of_its_own(alloy_user)
            raise NotProvisionedYet("The user name belongs to another tenant's Alloy user.")
        _remember(alloy_user, user_id)
    return alloy_user.user_id


def user_id_of(tenant: models.Model) -> str:
    """Return the tenant's Alloy userId in this environment; raises `NotProvisionedYet`."""
    alloy_user = alloy_user_of(tenant)
    if not alloy_user.user_id:
        raise NotProvisionedYet("This tenant's Alloy user is not created yet.")
    return alloy_user.user_id


def username_of(tenant: Any) -> str:
    """Return the user name for a tenant at Alloy: its e-mail address, or else model and key."""
    by_key = f"{tenant._meta.label_lower}-{tenant.pk}"
    email = str(getattr(tenant, "email", ""))
    return email if 0 < len(email) <= LONGEST_NAME else by_key


def full_name_of(tenant: Any) -> str:
    """Return the name people read in Alloy's dashboard."""
    return str(getattr(tenant, "name", "") or tenant)[:LONGEST_NAME]


def _create_or_find(alloy_user: AlloyUser) -> str:
    client = alloy()
    try:
        return client.create_user(username=alloy_user.username, full_name=alloy_user.full_name)
    except UsernameTaken:
        return _find(client, alloy_user.username)


def _find(client: AlloyClient, username: str) -> str:
    try:
        return client.get_user(user_id=username).user_id
    except NotFound as error:
        raise NotProvisionedYet("The user name is taken, but nobody has it.") from error


def _belongs_to_somebody_else(alloy_user: AlloyUser, user_id: str) -> bool:
    others = AlloyUser.objects.exclude(pk=alloy_user.pk)
    return others.filter(environment=alloy_user.environment, user_id=user_id).exists()


def _take_a_name_of_its_own(alloy_user: AlloyUser) -> None:
    alloy_user.username = f"{alloy_user.username}#{alloy_user.pk}"
    alloy_user.save(update_fields=["username"])
    log.warning("alloy_username_taken_by_another_tenant", alloy_user=alloy_user.pk)


def _remember(alloy_user: AlloyUser, user_id: str) -> None:
    alloy_user.user_id, alloy_user.provisioned_at = user_id, timezone.now()
    try:
        with transaction.atomic():
            alloy_user.save(update_fields=["user_id", "provisioned_at"])
            tenant_provisioned.send(sender=AlloyUser, alloy_user=alloy_user)
    except IntegrityError as error:
        alloy_user.user_id = ""
        raise NotProvisionedYet("Another tenant got this Alloy user a moment ago.") from error
    wake_what_waited(alloy_user)


def wake_what_waited(alloy_user: AlloyUser) -> None:
    """Make due what backed off because the Alloy user was missing."""
    waiting = Message.objects.filter(tenant=alloy_user.tenant_id, state=Message.State.WAITING)
    MessageGroup.objects.filter(
        environment=alloy_user.environment, lease=None, messages__in=waiting
    ).update(due_at=timezone.now(), failures=0)
