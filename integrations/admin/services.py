"""What an operator's buttons do beyond the services that outbox, inbox and pages have already."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from integrations import conf
from integrations.models import AlloyUser, Circuit, Message, MessageGroup
from integrations.outbox import retry
from integrations.tenants import have_created, provisioning_group
from integrations.wake import Hint, after_commit


@transaction.atomic
def try_now(*, group: MessageGroup) -> bool:
    """Have a group that backs off tried now; return False when it has nothing to try or is busy."""
    made_due = MessageGroup.objects.filter(pk=group.pk, lease=None, due_at__isnull=False).update(
        due_at=timezone.now(), failures=0
    )
    if made_due:
        after_commit(Hint.SEND)
    return bool(made_due)


@transaction.atomic
def provision_now(*, alloy_user: AlloyUser) -> bool:
    """Have the Alloy user created now, whatever became of earlier tries.

    Returns False when there is nothing to do: it exists, its tenant is gone, or it belongs to
    another key's environment, where this key must not create anything.
    """
    tenant = alloy_user.tenant
    if alloy_user.is_ready or tenant is None or alloy_user.environment != conf.environment():
        return False
    key = provisioning_group(alloy_user)
    message = Message.objects.filter(
        group__environment=alloy_user.environment,
        group__key=key,
        state__in=(Message.State.WAITING, Message.State.DEAD),
    ).first()
    if message is None:
        have_created(alloy_user)
    elif message.state == Message.State.DEAD:
        retry(message=message)
    else:
        try_now(group=message.group)
    return True


@transaction.atomic
def close_circuit(*, circuit: Circuit) -> None:
    """Let all workers call Alloy again; if it is still down, the circuit soon opens anew."""
    Circuit.objects.filter(pk=circuit.pk).update(failures=0, openings=0, open_until=None)
    after_commit(Hint.SWEEP)
