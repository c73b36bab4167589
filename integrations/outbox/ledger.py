"""The bookkeeping around one call: the attempt is written before it, the outcome after it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from integrations import conf
from integrations.models import Attempt, Lane, Message
from integrations.models.claims import ClaimableQuerySet
from integrations.outbox.backoff import full_jitter
from integrations.outbox.result import Health, Result

Outcome = Attempt.Outcome


def take(lanes: ClaimableQuerySet[Lane]) -> tuple[Lane | None, Attempt | None]:
    """Claim the lane that has been due for the longest, and begin its head message.

    Without an attempt there is nothing to send: no lane was due, or the lane was empty.
    """
    with transaction.atomic():
        for lane in lanes.claim(limit=1, lease=conf.lease()):
            return lane, _next_attempt(lane)
    return None, None


@transaction.atomic
def settle(
    lane: Lane,
    attempt: Attempt,
    result: Result,
    *,
    probing: bool = False,
    is_last: bool = False,
) -> Attempt | None:
    """Write down how the attempt went and, where it may follow at once, begin the next message.

    After the `is_last` of a turn the lane is given back instead. The failure of a probe does not
    count against its message: it is Alloy that is down.
    """
    if not _write_down(lane, attempt, result, probing=probing):
        return None
    if is_last:
        _update(lane, due_at=timezone.now(), lease=None)
        return None
    return _next_attempt(lane)


def _write_down(lane: Lane, attempt: Attempt, result: Result, *, probing: bool) -> bool:
    """Write down how it went; say whether the lane's next message may follow at once."""
    mine = _renew(lane)
    attempt.outcome, attempt.status = result.outcome, result.status
    attempt.error, attempt.seconds = _keep_error(attempt, result.error), result.seconds
    attempt.save(update_fields=["outcome", "status", "error", "seconds"])
    if result.outcome == Outcome.ACCEPTED:
        _finish(attempt.message, Message.State.DELIVERED)
        return mine and _next_may_follow(lane)
    return mine and _settle_failure(lane, attempt, result, probing=probing)


def _renew(lane: Lane) -> bool:
    """Renew the lease and lock the lane, which everybody does before touching its messages.

    Returns False when the lease was lost: the lane is no longer ours.
    """
    lane.due_at = timezone.now() + conf.lease()
    mine = Lane.objects.filter(pk=lane.pk, lease=lane.lease)
    return bool(mine.update(due_at=lane.due_at))


def _next_attempt(lane: Lane) -> Attempt | None:
    """Begin the head message of a lane that we have locked; an empty lane becomes idle."""
    waiting = lane.messages.filter(state=Message.State.WAITING)
    head = waiting.select_related("tenant").order_by("sequence").first()
    if head is None:
        _update(lane, due_at=None, lease=None)
        return None
    if head.attempts_made:
        head.attempts.filter(outcome=Outcome.STARTED).update(outcome=Outcome.INTERRUPTED)
    head.attempts_made += 1
    head.save(update_fields=["attempts_made"])
    return Attempt.objects.create(message=head, number=head.attempts_made)


def _keep_error(attempt: Attempt, error: str) -> str:
    """Keep the error with the message; none of a message discarded meanwhile: it may be erased."""
    waiting = Message.objects.filter(pk=attempt.message_id, state=Message.State.WAITING)
    return error if error and waiting.update(last_error=error) else ""


def _settle_failure(lane: Lane, attempt: Attempt, result: Result, *, probing: bool) -> bool:
    failures = lane.failures + (0 if probing or not result.blames_the_message else 1)
    if result.outcome == Outcome.REFUSED or failures >= conf.max_attempts():
        return _bury(lane, attempt.message, result)
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
    if lane.failures:
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
