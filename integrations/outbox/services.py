"""What an operator can do with dead letters."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from integrations.models import Attempt, Lane, Message
from integrations.outbox.handlers import is_news
from integrations.wake import Hint, after_commit


@transaction.atomic
def retry(*, message: Message) -> bool:
    """Put a dead letter back in its place in the lane; return whether it may still be sent.

    News may not once a later message of its lane has, or may have, arrived: sent now, the older
    news would overwrite the newer. Such a message is discarded instead.
    """
    lane = Lane.objects.select_for_update().get(pk=message.lane_id)
    message.refresh_from_db()
    if message.state != Message.State.DEAD:
        return message.state == Message.State.WAITING
    if is_news(message.kind) and _something_later_may_have_arrived(message):
        _settle(message, Message.State.DISCARDED)
        _let_go(lane)
        return False
    Message.objects.filter(pk=message.pk).update(state=Message.State.WAITING, settled_at=None)
    _let_go(lane)
    after_commit(Hint.DRAIN_LANE, lane.pk)
    return True


@transaction.atomic
def discard(*, message: Message) -> None:
    """Give a dead or waiting message up, and let the later ones of its lane go on."""
    lane = Lane.objects.select_for_update().get(pk=message.lane_id)
    message.refresh_from_db()
    if message.state in (Message.State.DEAD, Message.State.WAITING):
        _settle(message, Message.State.DISCARDED)
        _let_go(lane)
        after_commit(Hint.DRAIN_LANE, lane.pk)


def _something_later_may_have_arrived(message: Message) -> bool:
    return Attempt.objects.filter(
        message__lane=message.lane_id,
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


def _let_go(lane: Lane) -> None:
    lane.held = lane.held and lane.messages.filter(state=Message.State.DEAD).exists()
    lane.failures = 0
    # A leased lane is being worked on; its worker will find the message by itself.
    if lane.lease is None and not lane.held:
        lane.due_at = timezone.now()
    lane.save(update_fields=["held", "failures", "due_at"])
