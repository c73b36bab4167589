"""What an operator can do with dead letters."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from integrations.models import Attempt, Message, MessageGroup
from integrations.outbox.handlers import latest_wins
from integrations.wake import Hint, after_commit


@transaction.atomic
def retry(*, message: Message) -> bool:
    """Put a dead letter back in its place in the group; return whether it may still be sent.

    Where the latest wins, it may not once a later message of its group has, or may have, arrived:
    sent now, the older would overwrite the newer. Such a message is discarded instead.
    """
    group = MessageGroup.objects.select_for_update().get(pk=message.group_id)
    message.refresh_from_db()
    if message.state != Message.State.DEAD:
        return message.state == Message.State.WAITING
    if latest_wins(message.kind) and _something_later_may_have_arrived(message):
        _settle(message, Message.State.DISCARDED)
        _release(group)
        return False
    Message.objects.filter(pk=message.pk).update(state=Message.State.WAITING, settled_at=None)
    _release(group)
    after_commit(Hint.DRAIN_GROUP, group.pk)
    return True


@transaction.atomic
def discard(*, message: Message) -> None:
    """Give a dead or waiting message up, and let the later ones of its group go on."""
    group = MessageGroup.objects.select_for_update().get(pk=message.group_id)
    message.refresh_from_db()
    if message.state in (Message.State.DEAD, Message.State.WAITING):
        _settle(message, Message.State.DISCARDED)
        _release(group)
        after_commit(Hint.DRAIN_GROUP, group.pk)


def _something_later_may_have_arrived(message: Message) -> bool:
    return Attempt.objects.filter(
        message__group=message.group_id,
        message__sequence__gt=message.sequence,
        outcome__in=(
            Attempt.Outcome.ACCEPTED,
            Attempt.Outcome.AMBIGUOUS,
            Attempt.Outcome.STARTED,
            Attempt.Outcome.INTERRUPTED,
        ),
    ).exists()


def _settle(message: Message, state: Message.State) -> None:
    Message.objects.filter(pk=message.pk).update(state=state, settled_at=timezone.now())


def _release(group: MessageGroup) -> None:
    group.failures = 0
    # A leased group is being worked on; its worker will find the message by itself.
    if group.lease is None:
        group.due_at = timezone.now()
    group.save(update_fields=["failures", "due_at"])
