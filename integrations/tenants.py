"""Sign-up: every tenant gets one Alloy user, however the tenant's row came to be.

The intent is a row, written in the tenant's own transaction; the outbox makes the call. Alloy may
be down for as long as it likes: sign-up succeeds, and the Alloy user follows.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import IntegrityError, models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from integrations import conf, database
from integrations.alloy import AlloyClient, NotFound, Refused, UsernameTaken
from integrations.client import alloy
from integrations.models import (
    AlloyUser,
    Delivery,
    IntegrationsSnapshot,
    Message,
    MessageGroup,
)
from integrations.outbox import NotYet, enqueue
from integrations.signals import tenant_provisioned

log = structlog.get_logger(__name__)

LONGEST_NAME = 255
"""Characters of a name that are kept."""


class NotProvisionedYet(NotYet):
    """The tenant has no Alloy user yet; whatever needs one waits until it does."""


class NoTenant(PermissionDenied):
    """Somebody who is logged in belongs to no tenant; the message says so, for people."""


def tenant_of(request: HttpRequest) -> Any:
    """Return the tenant a request acts for, by the function that the settings name.

    Raises `NoTenant`: the function found none, or what it found is none.
    """
    model = apps.get_model(conf.tenant_model())
    try:
        tenant = import_string(conf.read().TENANT_OF_REQUEST)(request)
    except ObjectDoesNotExist:
        tenant = None
    name = model._meta.verbose_name
    if tenant is None:
        raise NoTenant(
            _("Your account belongs to no %(tenant)s. Ask whoever manages yours to add you.")
            % {"tenant": name}
        )
    if not isinstance(getattr(tenant, "_wrapped", tenant), model):
        raise NoTenant(
            _("This site does not know which %(tenant)s your account belongs to.")
            % {"tenant": name}
        )
    return tenant


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


def alloy_user_of(tenant: Any) -> AlloyUser:
    """Return the tenant's row in this environment; a tenant that has none yet is provisioned."""
    known = AlloyUser.objects.filter(tenant=tenant, environment=conf.environment()).first()
    if known is None:
        return provision(tenant=tenant)
    known.tenant = tenant  # at hand already, so nobody has to read it again
    return known


@database.atomic()
def provision(*, tenant: Any) -> AlloyUser:
    """Make sure that an Alloy user exists or is on its way, in the current environment."""
    alloy_user, created = AlloyUser.objects.get_or_create(
        tenant=tenant,
        environment=conf.environment(),
        defaults={"username": new_username(tenant), "full_name": full_name_of(tenant)},
    )
    if created:
        have_created(alloy_user)
    return alloy_user


def have_created(alloy_user: AlloyUser) -> None:
    """Ask the outbox to create the user at Alloy. Needs a transaction."""
    enqueue(
        group_key=provisioning_group(alloy_user),
        tenant=alloy_user.tenant,
        kind="provision",
        payload={"alloy_user": alloy_user.pk},
    )


def provisioning_group(alloy_user: AlloyUser) -> str:
    """Return the key of the group that the making of an Alloy user waits in."""
    return f"alloy-user:{alloy_user.pk}"


def create_at_alloy(alloy_user: AlloyUser) -> str:
    """Create the user at Alloy, or find the one that an earlier try made; return its userId.

    Raises `AlloyError`. Makes at most two calls.
    """
    if not alloy_user.user_id:
        _remember(alloy_user, _create_or_find(alloy_user))
    return alloy_user.user_id


def ready_alloy_user_of(tenant: models.Model) -> AlloyUser:
    """Return the tenant's Alloy user in this environment; raises `NotProvisionedYet`."""
    alloy_user = alloy_user_of(tenant)
    if not alloy_user.is_ready:
        raise NotProvisionedYet("This tenant's Alloy user is not created yet.")
    return alloy_user


def user_id_of(tenant: models.Model) -> str:
    """Return the tenant's Alloy userId in this environment; raises `NotProvisionedYet`."""
    return ready_alloy_user_of(tenant).user_id


@contextmanager
def noticing_its_loss(alloy_user: AlloyUser) -> Iterator[None]:
    """Have the Alloy user made again where the call inside failed because Alloy knows it no more.

    Somebody may have deleted it in Alloy's dashboard. Raises `NotProvisionedYet` then.
    """
    try:
        yield
    except (NotFound, Refused) as error:
        if _is_known(alloy_user):
            raise
        _provision_again(alloy_user)
        raise NotProvisionedYet(
            "Alloy knew this tenant no more; it is being made again."
        ) from error


def new_username(tenant: Any) -> str:
    """Return a name for a tenant at Alloy that nobody else has, nor can guess.

    It carries this installation, since others may share the key; and something random, since a
    database that was restored, or copied, counts its rows anew. So whoever has this name at Alloy
    was made for this row, and none is ever taken over because of what it is called.
    """
    random = secrets.token_hex(6)
    return f"{conf.installation()}.{tenant._meta.label_lower}-{tenant.pk}-{random}"[-LONGEST_NAME:]


def full_name_of(tenant: Any) -> str:
    """Return what people read in Alloy's dashboard: name, and e-mail address if there is one."""
    name, email = str(getattr(tenant, "name", "") or tenant), str(getattr(tenant, "email", ""))
    return (name if email in name else f"{name} <{email}>")[:LONGEST_NAME]


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


def _remember(alloy_user: AlloyUser, user_id: str) -> None:
    alloy_user.user_id, alloy_user.provisioned_at = user_id, timezone.now()
    try:
        with database.atomic():
            alloy_user.save(update_fields=["user_id", "provisioned_at"])
            tenant_provisioned.send(sender=AlloyUser, alloy_user=alloy_user)
    except IntegrityError as error:
        alloy_user.user_id, alloy_user.username = "", new_username(alloy_user.tenant)
        alloy_user.save(update_fields=["username"])
        log.error("alloy_user_belongs_to_another_tenant", alloy_user=alloy_user.pk)
        raise NotProvisionedYet("This Alloy user is another tenant's.") from error
    wake_what_waited(alloy_user)


def _is_known(alloy_user: AlloyUser) -> bool:
    try:
        alloy().get_user(user_id=alloy_user.user_id)
    except NotFound:
        return False
    return True


@database.atomic()
def _provision_again(alloy_user: AlloyUser) -> None:
    """Forget an Alloy user that is gone, and ask for another; once, however many notice it."""
    lost = {
        "user_id": "",
        "username": new_username(alloy_user.tenant),
        "lost_at": timezone.now(),
    }
    same = AlloyUser.objects.filter(pk=alloy_user.pk, user_id=alloy_user.user_id)
    if same.update(**lost):
        IntegrationsSnapshot.objects.filter(alloy_user=alloy_user).delete()
        have_created(alloy_user)
        log.warning("alloy_user_was_gone", alloy_user=alloy_user.pk)
    alloy_user.refresh_from_db()


def wake_what_waited(*alloy_users: AlloyUser) -> None:
    """Make due what backed off because these Alloy users, of one environment, were missing."""
    tenants = [each.tenant_id for each in alloy_users]
    waiting = Message.objects.filter(tenant__in=tenants, state=Message.State.WAITING)
    MessageGroup.objects.filter(
        environment=conf.environment(), lease=None, messages__in=waiting
    ).update(due_at=timezone.now(), failures=0)
