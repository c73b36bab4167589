"""Delivers the messages that erase at Alloy. What is gone already counts as erased.

None of these is ever given up: what Alloy refuses today, say because a workflow is running, is
asked for again. Erasing twice does no harm, so a step may outlast its lease.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db.models import QuerySet
from django.utils import timezone

from integrations.alloy import NotFound, Refused
from integrations.client import alloy
from integrations.contrib.privacy.models import Erasure
from integrations.models import AlloyUser, Message
from integrations.outbox import NotYet, delivers


@delivers("erase_logs")
def erase_logs(message: Message) -> None:
    """Call `DELETE /users/{id}/logs`; before an account goes, its workflows are stopped first."""
    erasure = Erasure.objects.get(pk=message.payload["erasure"])
    if user_id := _user_id(message):
        if erasure.scope == Erasure.Scope.ACCOUNT:
            with suppress(NotFound, Refused):  # where nothing runs, nothing is to be stopped
                alloy().deactivate_all(user_id=user_id)
        with _until_it_is_gone():
            alloy().delete_user_logs(user_id=user_id)
    _note(erasure, "logs_at", last=erasure.scope == Erasure.Scope.LOGS)
    for under_way in _superseded_by(erasure):
        _note(under_way, "logs_at", last=True)


@delivers("erase_credentials")
def erase_credentials(message: Message) -> None:
    """Call `DELETE /users/{id}/credentials/{id}` for each there is."""
    if user_id := _user_id(message):
        with _until_it_is_gone():
            for credential in alloy().list_credentials(user_id=user_id):
                with suppress(NotFound):
                    alloy().delete_credential(
                        user_id=user_id, credential_id=credential.credential_id
                    )
    _note(Erasure.objects.get(pk=message.payload["erasure"]), "credentials_at")


@delivers("erase_user")
def erase_user(message: Message) -> None:
    """Call `DELETE /users/{id}`, and erase the name that our own row still holds."""
    if user_id := _user_id(message):
        with _until_it_is_gone():
            alloy().delete_user(user_id=user_id)
    AlloyUser.objects.filter(pk=message.payload["alloy_user"]).update(username="", full_name="")
    _note(Erasure.objects.get(pk=message.payload["erasure"]), "user_at", last=True)


@contextmanager
def _until_it_is_gone() -> Iterator[None]:
    try:
        yield
    except NotFound:
        return
    except Refused as error:
        raise NotYet(str(error), status=error.status, detail=error.detail) from error


def _user_id(message: Message) -> str:
    """Return the id at Alloy: "" when there is none.

    The call that was to make the user may have done so without our hearing of it, so one whose id
    we do not know is looked for by name, which nobody else can have.
    """
    if user_id := str(message.payload["user_id"]):
        return user_id
    alloy_user = AlloyUser.objects.filter(pk=message.payload["alloy_user"]).first()
    if alloy_user is None or alloy_user.user_id or not alloy_user.username:
        return alloy_user.user_id if alloy_user else ""
    try:
        return alloy().get_user(user_id=alloy_user.username).user_id
    except NotFound:
        return ""


def _superseded_by(erasure: Erasure) -> QuerySet[Erasure]:
    """Return the erasures of logs that were under way when the account's began."""
    return Erasure.objects.filter(
        tenant_key=erasure.tenant_key,
        environment=erasure.environment,
        scope=Erasure.Scope.LOGS,
        finished_at=None,
        pk__lt=erasure.pk,
    )


def _note(erasure: Erasure, what: str, *, last: bool = False) -> None:
    now = timezone.now()
    done = {what: now, "finished_at": now} if last else {what: now}
    Erasure.objects.filter(pk=erasure.pk).update(**done)
