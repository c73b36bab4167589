"""The bookkeeping around one call: the attempt is written before it, the outcome after it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from integrations import conf
from integrations.models import Attempt, Lane, Message
from integrations.outbox.backoff import full_jitter
from integrations.outbox.result import Health, Result

Outcome = Attempt.Outcome


@transaction.atomic
def begin(lane: Lane) -> Attempt | None:
    """Renew the lease and write down that the lane's head message is about to be sent.

    Returns None when there is nothing to send: the lane is empty, or no longer ours.
    """
    if not lane.still_mine():
        return None
    head = lane.messages.filter(state=Message.State.WAITING).order_by("sequence").first()
    if head is None:
        _update(lane, due_at=None, lease=None)
        return None
    _update(lane, due_at=timezone.now() + conf.lease())
    if head.attempts_made:
        head.attempts.filter(outcome=Outcome.STARTED).update(outcome=Outcome.INTERRUPTED)
    head.attempts_made += 1
    head.save(update_fields=["attempts_made"])
    return Attempt.objects.create(message=head, number=head.attempts_made)


@transaction.atomic
def settle(lane: Lane, attempt: Attempt, result: Result, *, probing: bool = False) -> bool:
    """Write down how the attempt went; say whether the lane's next message may follow at once.

    The failure of a probe does not count against its message: it is Alloy that is down.
    """
    mine = lane.still_mine()
    attempt.outcome, attempt.status = result.outcome, result.status
    attempt.error, attempt.seconds = result.error, result.seconds
    attempt.save(update_fields=["outcome", "status", "error", "seconds"])
    if result.outcome == Outcome.ACCEPTED:
        _finish(attempt.message, Message.State.DELIVERED)
        return mine and _next_may_follow(lane)
    if not mine:
        return False
    return _settle_failure(lane, attempt, result, probing=probing)


def release(lane: Lane) -> None:
    """Give up the lease, so that any worker may take the lane at once."""
    Lane.objects.filter(pk=lane.pk, lease=lane.lease).update(due_at=timezone.now(), lease=None)


def _settle_failure(lane: Lane, attempt: Attempt, result: Result, *, probing: bool) -> bool:
    failures = lane.failures + (0 if probing or not result.blames_the_message else 1)
    if result.outcome == Outcome.REFUSED or failures >= conf.max_attempts():
        return _bury(lane, attempt.message, result)
    Message.objects.filter(pk=attempt.message_id).update(last_error=result.error)
    # While Alloy is down the circuit breaker sets the pace. What is missing on our side, such as
    # the tenant's Alloy user, is looked for ever more rarely.
    tries = failures if result.health is Health.DOWN else attempt.number
    wait = full_jitter(max(tries, 1), cap=conf.backoff_cap())
    asked = min(result.retry_after or 0.0, conf.retry_after_cap())
    wait = max(wait, timedelta(seconds=asked))
    _update(lane, failures=failures, due_at=timezone.now() + wait, lease=None)
    return False


def _bury(lane: Lane, message: Message, result: Result) -> bool:
    _finish(message, Message.State.DEAD, error=result.error)
    if conf.dead_letters_hold_their_lane():
        _update(lane, failures=0, held=True, due_at=None, lease=None)
        return False
    return _next_may_follow(lane)


def _next_may_follow(lane: Lane) -> bool:
    _update(lane, failures=0)
    return True


def _finish(message: Message, state: Message.State, *, error: str = "") -> None:
    messages = Message.objects.filter(pk=message.pk)
    if state != Message.State.DELIVERED:
        # An operator, or another worker, may have decided meanwhile. But delivered is delivered.
        messages = messages.filter(state=Message.State.WAITING)
    messages.update(state=state, last_error=error, settled_at=timezone.now())


def _update(lane: Lane, **fields: object) -> None:
    for name, value in fields.items():
        setattr(lane, name, value)
    lane.save(update_fields=list(fields))
