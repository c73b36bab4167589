"""Creates Alloy users at Alloy: each once, found again after a lost answer, created again if lost.

Code that calls Alloy for a tenant gets the userId here, and waits while there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.db import IntegrityError
from django.utils import timezone

from integrations import conf, database
from integrations.alloy import NotFound, Refused, UsernameTaken
from integrations.client import alloy
from integrations.models import AlloyUser, IntegrationsSnapshot, Message, MessageGroup
from integrations.models.tenancy import new_username
from integrations.outbox import NotYet, delivers
from integrations.signals import tenant_provisioned
from integrations.tenants.sign_up import enqueue_creation

log = structlog.get_logger(__name__)


class NotProvisionedYet(NotYet):
    """The tenant has no Alloy user yet: whatever needs one has to wait."""


@delivers("provision")
def create_alloy_user(message: Message) -> None:
    """Create the tenant's Alloy user, or find the one that an earlier attempt created.

    Makes at most two calls; usernames are unique at Alloy [create-user]. Raises `AlloyError`.
    """
    wanted = AlloyUser.objects.filter(pk=message.payload.get("alloy_user"), tenant__isnull=False)
    alloy_user = wanted.first()
    if alloy_user is not None and not alloy_user.is_ready:
        _store(alloy_user, _create_or_find(alloy_user))


def _create_or_find(alloy_user: AlloyUser) -> str:
    client = alloy()
    try:
        return client.create_user(username=alloy_user.username, full_name=alloy_user.full_name)
    except UsernameTaken:  # by an earlier attempt whose answer was lost
        try:
            return client.get_user(user_id=alloy_user.username).user_id
        except NotFound as error:
            raise NotProvisionedYet("Alloy says that the username is taken, by nobody.") from error


def _store(alloy_user: AlloyUser, user_id: str) -> None:
    """Store the userId; where another tenant has it, try again under a new username."""
    alloy_user.user_id, alloy_user.provisioned_at = user_id, timezone.now()
    try:
        with database.atomic():
            alloy_user.save(update_fields=["user_id", "provisioned_at"])
            tenant_provisioned.send(sender=AlloyUser, alloy_user=alloy_user)
    except IntegrityError as error:
        alloy_user.user_id, alloy_user.username = "", new_username(alloy_user.tenant)
        alloy_user.save(update_fields=["username"])
        log.error("alloy_user_belongs_to_another_tenant", alloy_user=alloy_user.pk)
        raise NotProvisionedYet("This Alloy user belongs to another tenant.") from error
    resume_waiting_messages(alloy_user)


def resume_waiting_messages(*alloy_users: AlloyUser) -> None:
    """Make due what waits because these Alloy users, of one environment, did not exist."""
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

    Only reads. A tenant that nobody has provisioned is found within a minute (`unprovisioned.py`).
    """
    row = AlloyUser.of(tenant)
    if row is None or not row.is_ready:
        raise NotProvisionedYet("This tenant's Alloy user is not created yet.")
    return row


@contextmanager
def recreated_if_gone(alloy_user: AlloyUser) -> Iterator[None]:
    """Wrap a call for this Alloy user: if it fails because Alloy lost the user, create it again.

    Somebody may have deleted it in Alloy's dashboard. Raises `NotProvisionedYet` then.
    """
    try:
        yield
    except (NotFound, Refused) as error:
        if _exists_at_alloy(alloy_user):
            raise
        _recreate(alloy_user)
        raise NotProvisionedYet("Alloy lost this tenant's user; it is created again.") from error


def _exists_at_alloy(alloy_user: AlloyUser) -> bool:
    try:
        alloy().get_user(user_id=alloy_user.user_id)
    except NotFound:
        return False
    return True


@database.atomic()
def _recreate(alloy_user: AlloyUser) -> None:
    """Forget a userId that Alloy lost, and ask for another: once, however many callers notice."""
    same = AlloyUser.objects.filter(pk=alloy_user.pk, user_id=alloy_user.user_id)
    username = new_username(alloy_user.tenant)
    if same.update(user_id="", username=username, lost_at=timezone.now()):
        IntegrationsSnapshot.objects.filter(alloy_user=alloy_user).delete()
        enqueue_creation(alloy_user)
        log.warning("alloy_user_was_gone", alloy_user=alloy_user.pk)
    alloy_user.refresh_from_db()
