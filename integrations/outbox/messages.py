"""The outbox: calls to Alloy, stored in the transaction that causes them, then made in order.

`enqueue` adds a message to the end of its group, and `relay` sends it by the handler of its kind
(`handlers`). What becomes of a dead letter is an operator's decision: `retry` or `discard`.

Code that changes a message locks its group first, and the relay never waits for such a lock. So a
long transaction that publishes delays its own group only, and there are no deadlocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import F, Prefetch
from django.utils import timezone

from integrations import conf, correlation, database
from integrations.models import Attempt, Message, MessageGroup
from integrations.outbox.handlers import does_latest_win
from integrations.signals import message_settled
from integrations.wake import Hint, after_commit

State = Message.State

LATEST_ATTEMPTS = 50
"""How many attempts of a message are worth showing."""


def enqueue(
    *,
    group_key: str,
    tenant: Any,
    kind: str,
    payload: dict[str, Any],
    name: str = "",
    environment: str = "",
) -> Message:
    """Add a message to the end of a group; it is sent if, and only if, the transaction commits.

    The group stays locked until the commit. So two transactions that publish on one subject take
    turns, numbers are given in commit order, and no message can be seen before an earlier one.

    A message for an `environment` other than the current one waits until that key is used again.
    """
    if not database.connection().in_atomic_block:
        using = "" if database.alias() == DEFAULT_DB_ALIAS else f"using={database.alias()!r}"
        raise transaction.TransactionManagementError(
            f"Publish inside transaction.atomic({using}), together with the change that the event"
            " is about."
        )
    group = _next_place(group_key, environment or conf.environment())
    return Message.objects.create(
        group=group,
        sequence=group.last_sequence,
        tenant=tenant,
        kind=kind,
        name=name,
        payload=payload,
        correlation_id=correlation.current(),
    )


def _next_place(group_key: str, environment: str) -> MessageGroup:
    group, _ = MessageGroup.objects.select_for_update().get_or_create(
        environment=environment, key=group_key
    )
    group.last_sequence += 1
    # A group that is leased or backs off keeps its time: its messages will be sent in their turn.
    # Only an idle one becomes due, and a worker is told.
    if group.due_at is None:
        group.due_at = timezone.now()
        after_commit(Hint.SEND)
    group.save(update_fields=["last_sequence", "due_at"])
    return group


@database.atomic()
def retry(*, message: Message) -> bool:
    """Put a dead letter back in its place in the group; return whether it may still be sent.

    Where the latest wins, a message is discarded instead if a later one of its group has arrived,
    or may have: sent now, the older would overwrite the newer.
    """
    group = MessageGroup.objects.select_for_update().get(pk=message.group_id)
    message.refresh_from_db()
    if message.state != State.DEAD:
        return message.state == State.WAITING
    if does_latest_win(message.kind) and _something_later_may_have_arrived(message):
        _discard(message)
        return False
    Message.objects.filter(pk=message.pk).update(state=State.WAITING, settled_at=None)
    _make_due(group)
    return True


@database.atomic()
def discard(*, message: Message) -> None:
    """Give up a dead or waiting message, so that the later ones of its group are sent."""
    group = MessageGroup.objects.select_for_update().get(pk=message.group_id)
    message.refresh_from_db()
    if message.state in (State.DEAD, State.WAITING):
        _discard(message)
        _make_due(group)


@database.atomic()
def try_now(*, group: MessageGroup) -> bool:
    """Make a group that backs off due now; return False if nothing waits in it or it is leased."""
    idle = MessageGroup.objects.filter(pk=group.pk, lease=None, due_at__isnull=False)
    made_due = idle.update(due_at=timezone.now(), failures=0, resume_at=None)
    if made_due:
        after_commit(Hint.SEND)
    return bool(made_due)


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


def _discard(message: Message) -> None:
    message.state, message.settled_at = State.DISCARDED, timezone.now()
    message.save(update_fields=["state", "settled_at"])
    message_settled.send(sender=None, message=message)


def _make_due(group: MessageGroup) -> None:
    group.failures, group.resume_at = 0, None
    # The worker that holds the lease of a group finds the message by itself.
    if group.lease is None:
        group.due_at = timezone.now()
        after_commit(Hint.SEND)
    group.save(update_fields=["failures", "resume_at", "due_at"])


def messages_by_uid(uids: Iterable[UUID]) -> dict[UUID, Message]:
    """Return the messages with these ids, each with its group and latest attempts loaded.

    A long outage makes thousands of attempts of one message; `attempts_made` counts them all.
    """
    latest = Attempt.objects.filter(number__gt=F("message__attempts_made") - LATEST_ATTEMPTS)
    found = Message.objects.filter(uid__in=list(uids)).select_related("group")
    messages = found.prefetch_related(Prefetch("attempts", latest))
    return {message.uid: message for message in messages}
