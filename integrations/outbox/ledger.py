"""The bookkeeping around one call: the attempt is written before it, the outcome after it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from integrations import conf
from integrations.models import Attempt, Message, MessageGroup
from integrations.models.claims import ClaimableQuerySet
from integrations.outbox.backoff import full_jitter
from integrations.outbox.result import Health, Result

Outcome = Attempt.Outcome


def take(groups: ClaimableQuerySet[MessageGroup]) -> tuple[MessageGroup | None, Attempt | None]:
    """Claim the group that has been due for the longest, and begin its head message.

    Without an attempt there is nothing to send: no group was due, or the group was empty.
    """
    with transaction.atomic():
        for group in groups.claim(limit=1, lease=conf.lease()):
            return group, _next_attempt(group)
    return None, None


@transaction.atomic
def settle(
    group: MessageGroup,
    attempt: Attempt,
    result: Result,
    *,
    probing: bool = False,
    is_last: bool = False,
) -> Attempt | None:
    """Write down how the attempt went and, where it may follow at once, begin the next message.

    After the `is_last` of a turn the group is given back instead. The failure of a probe does not
    count against its message: it is Alloy that is down.
    """
    if not _write_down(group, attempt, result, probing=probing):
        return None
    if is_last:
        _update(group, due_at=timezone.now(), lease=None)
        return None
    return _next_attempt(group)


def _write_down(group: MessageGroup, attempt: Attempt, result: Result, *, probing: bool) -> bool:
    """Write down how it went; say whether the group's next message may follow at once."""
    mine = _renew(group)
    attempt.outcome, attempt.status = result.outcome, result.status
    attempt.error, attempt.seconds = _keep_error(attempt, result.error), result.seconds
    attempt.save(update_fields=["outcome", "status", "error", "seconds"])
    if result.outcome == Outcome.ACCEPTED:
        _finish(attempt.message, Message.State.DELIVERED)
        return mine and _next_may_follow(group)
    return mine and _settle_failure(group, attempt, result, probing=probing)


def _renew(group: MessageGroup) -> bool:
    """Renew the lease and lock the group, which everybody does before touching its messages.

    Returns False when the lease was lost: the group is no longer ours.
    """
    group.due_at = timezone.now() + conf.lease()
    mine = MessageGroup.objects.filter(pk=group.pk, lease=group.lease)
    return bool(mine.update(due_at=group.due_at))


def _next_attempt(group: MessageGroup) -> Attempt | None:
    """Begin the head message of a group that we have locked; an empty group becomes idle."""
    waiting = group.messages.filter(state=Message.State.WAITING)
    head = waiting.select_related("tenant").order_by("sequence").first()
    if head is None:
        _update(group, due_at=None, lease=None)
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


def _settle_failure(
    group: MessageGroup, attempt: Attempt, result: Result, *, probing: bool
) -> bool:
    failures = group.failures + (0 if probing or not result.blames_the_message else 1)
    if result.outcome == Outcome.REFUSED or failures >= conf.max_attempts():
        return _dead_letter(group, attempt.message, result)
    # While Alloy is down the circuit breaker sets the pace. What is missing on our side, such as
    # the tenant's Alloy user, is looked for ever more rarely.
    tries = failures if result.health is Health.DOWN else attempt.number
    wait = full_jitter(max(tries, 1), cap=conf.backoff_cap())
    asked = min(result.retry_after or 0.0, conf.retry_after_cap())
    wait = max(wait, timedelta(seconds=asked))
    _update(group, failures=failures, due_at=timezone.now() + wait, lease=None)
    return False


def _dead_letter(group: MessageGroup, message: Message, result: Result) -> bool:
    _finish(message, Message.State.DEAD, error=result.error)
    return _next_may_follow(group)


def _next_may_follow(group: MessageGroup) -> bool:
    if group.failures:
        _update(group, failures=0)
    return True


def _finish(message: Message, state: Message.State, *, error: str = "") -> None:
    messages = Message.objects.filter(pk=message.pk)
    if state != Message.State.DELIVERED:
        # An operator, or another worker, may have decided meanwhile. But delivered is delivered.
        messages = messages.filter(state=Message.State.WAITING)
    messages.update(state=state, last_error=error, settled_at=timezone.now())


def _update(group: MessageGroup, **fields: object) -> None:
    for name, value in fields.items():
        setattr(group, name, value)
    group.save(update_fields=list(fields))
