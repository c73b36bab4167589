"""Makes Alloy users at Alloy: each once, found again after a lost answer, made anew when lost.

Whoever needs one asks here for its userId, and waits (`NotProvisionedYet`) while there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.db import IntegrityError
from django.utils import timezone

from integrations import conf, database
from integrations.alloy import AlloyClient, NotFound, Refused, UsernameTaken
from integrations.client import alloy
from integrations.handlers import NotYet, delivers
from integrations.models import AlloyUser, IntegrationsSnapshot, Message, MessageGroup
from integrations.models.tenancy import new_username
from integrations.signals import tenant_provisioned
from integrations.tenants import enqueue_creation

log = structlog.get_logger(__name__)


class NotProvisionedYet(NotYet):
    """The tenant has no Alloy user yet; whatever needs one waits until it does."""


@delivers("provision")
def create_alloy_user(message: Message) -> None:
    """Create the tenant's Alloy user: `POST /users`."""
    alloy_user = AlloyUser.objects.filter(
        pk=message.payload.get("alloy_user"), tenant__isnull=False
    ).first()
    if alloy_user is not None:
        create_at_alloy(alloy_user)


def create_at_alloy(alloy_user: AlloyUser) -> None:
    """Create the user at Alloy, or find the one that an earlier try made.

    Raises `AlloyError`. Makes at most two calls.
    """
    if not alloy_user.is_ready:
        _remember(alloy_user, _create_or_find(alloy_user))


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


def wake_what_waited(*alloy_users: AlloyUser) -> None:
    """Make due what backed off because these Alloy users, of one environment, were missing."""
    tenants = [each.tenant_id for each in alloy_users]
    waiting = Message.objects.filter(tenant__in=tenants, state=Message.State.WAITING)
    MessageGroup.objects.filter(
        environment=conf.environment(), lease=None, messages__in=waiting
    ).update(due_at=timezone.now(), failures=0)


def user_id_of(tenant: Any) -> str:
    """Return the tenant's Alloy userId in this environment; raises `NotProvisionedYet`."""
    return ready_alloy_user_of(tenant).user_id


def ready_alloy_user_of(tenant: Any) -> AlloyUser:
    """Return the tenant's Alloy user in this environment; raises `NotProvisionedYet`.

    Only reads: for a tenant that nobody has asked one for, the next minute does.
    """
    known = AlloyUser.objects.filter(tenant=tenant, environment=conf.environment()).first()
    if known is None or not known.is_ready:
        raise NotProvisionedYet("This tenant's Alloy user is not created yet.")
    known.tenant = tenant  # at hand already, so nobody has to read it again
    return known


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
        enqueue_creation(alloy_user)
        log.warning("alloy_user_was_gone", alloy_user=alloy_user.pk)
    alloy_user.refresh_from_db()
