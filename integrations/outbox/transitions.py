"""The states of messages and groups before and after the calls, for many groups at once.

An attempt is stored before its call leaves, and its outcome before the next call of its group
leaves. So a sender that is killed repeats at most the one message of each group whose answer was
lost, and never sends an older message after a newer one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from integrations import conf, database
from integrations.backoff import LONGEST_RETRY_AFTER, full_jitter
from integrations.models import Attempt, Message, MessageGroup
from integrations.models.claims import ClaimableQuerySet
from integrations.outbox.handlers import Health, Outcome, Result
from integrations.signals import message_settled

MESSAGES_IN_A_ROW = 50
"""After so many of one group, others get their turn."""


@dataclass(eq=False)
class OpenAttempt:
    """An attempt to send the head message of a group that we hold the lease of.

    - ``in_a_row``: its number since the group was claimed, from 1
    - ``leased_at``: when the lease was last renewed, in seconds of ``time.monotonic``
    - ``is_lost``: the lease is somebody else's now
    - ``probing``: it finds out whether Alloy is well again
    - ``failed_before``: an earlier attempt of its message has failed
    - ``has_slot``: from before its call leaves until its outcome is committed
    """

    group: MessageGroup
    message: Message
    number: int
    lease: UUID | None
    in_a_row: int = 1
    leased_at: float = 0.0
    probing: bool = False
    failed_before: bool = False
    is_lost: bool = False
    has_slot: bool = False
    result: Result = field(default_factory=Result)


@database.atomic()
def claim(*, beside: Collection[int], limit: int, lease: timedelta) -> list[OpenAttempt]:
    """Lease up to `limit` due groups, but not those `beside`, and begin their head messages."""
    groups = MessageGroup.objects.filter(environment=conf.environment()).exclude(pk__in=beside)
    while claimed := groups.claim(limit=limit, lease=lease):
        if attempts := begin(claimed, just_claimed=True):
            return attempts
    return []


def begin(groups: Collection[MessageGroup], *, just_claimed: bool = False) -> list[OpenAttempt]:
    """Store attempts of each group's head message; a group without one becomes idle."""
    heads = {head.group_id: head for head in _heads(groups)}
    release((group for group in groups if group.pk not in heads), due_at=None)
    attempts = [
        OpenAttempt(group, head, number=head.attempts_made + 1, lease=group.lease)
        for group in groups
        if (head := heads.get(group.pk))
    ]
    if just_claimed:
        _mark_interrupted(attempts)
    _start(attempts)
    return attempts


def _start(attempts: Sequence[OpenAttempt]) -> None:
    if not attempts:
        return
    # Not by `bulk_create`, which takes as long for a row as the call to Alloy.
    row = "(%s, %s, 'started', '', %s)"
    now = timezone.now()
    values = [value for each in attempts for value in (each.message.pk, each.number, now)]
    with database.connection().cursor() as cursor:
        cursor.execute(_STARTED.replace("ROWS", ", ".join([row] * len(attempts))), values)


_STARTED = """
    INSERT INTO integrations_attempt (message_id, number, outcome, error, started_at) VALUES ROWS
    ON CONFLICT (message_id, number) DO UPDATE SET outcome = excluded.outcome
"""


def settle(attempts: Sequence[OpenAttempt]) -> tuple[list[OpenAttempt], list[MessageGroup]]:
    """Store how attempts ended; return those settled, and the groups whose next message may follow.

    A group that somebody has locked at this moment is left out: it is settled next time. One that
    is no longer ours is not touched: the answer counts, but moves nothing on.
    """
    locked = {group.pk: group for group in _these(attempts).skip_locked()}
    settled = [each for each in attempts if each.group.pk in locked]
    for each in settled:
        each.group = locked[each.group.pk]
        each.failed_before = each.group.failures > 0
        each.is_lost = each.group.lease != each.lease
    accepted = {each for each in settled if each.result.outcome == Outcome.ACCEPTED}
    _deliver(accepted)
    halted = _settle_failed([each for each in settled if each not in accepted])
    _record(settled)
    return settled, _advance([e for e in settled if not e.is_lost and e not in halted])


def _record(attempts: Iterable[OpenAttempt]) -> None:
    Attempt.objects.bulk_create(
        (
            Attempt(
                message=each.message,
                number=each.number,
                outcome=each.result.outcome,
                status=each.result.status,
                error=each.result.error,
                seconds=each.result.seconds,
            )
            for each in attempts
        ),
        update_conflicts=True,
        unique_fields=["message", "number"],
        update_fields=["outcome", "status", "error", "seconds"],
    )


@database.atomic()
def renew(attempts: Sequence[OpenAttempt], *, lease: timedelta) -> list[OpenAttempt]:
    """Renew leases; return those that were still ours, and mark the others as lost.

    One that somebody has locked at this moment is renewed next time.
    """
    leases = dict(_these(attempts).skip_locked().values_list("pk", "lease"))
    for each in attempts:
        each.is_lost |= leases.get(each.group.pk, each.lease) != each.lease
    ours = [each for each in attempts if each.group.pk in leases and not each.is_lost]
    _these(ours).update(due_at=timezone.now() + lease)
    return ours


@database.atomic()
def cancel(attempts: Sequence[OpenAttempt]) -> None:
    """Take back attempts whose call never left; their groups are due at once."""
    leases = dict(_these(attempts).skip_locked().values_list("pk", "lease"))
    ours = [each for each in attempts if leases.get(each.group.pk) == each.lease]
    for each in ours:
        Attempt.objects.filter(message=each.message, number=each.number).delete()
    release((each.group for each in ours), due_at=timezone.now())


@database.atomic()
def resume() -> None:
    """Make due what waits because Alloy was down, but nothing before its own Retry-After."""
    waiting = MessageGroup.objects.filter(
        environment=conf.environment(), resume_at__isnull=False, lease=None
    )
    locked = list(waiting.skip_locked().values_list("pk", flat=True))
    MessageGroup.objects.filter(pk__in=locked).update(
        due_at=Greatest("resume_at", timezone.now()), resume_at=None
    )


def _these(attempts: Iterable[OpenAttempt]) -> ClaimableQuerySet[MessageGroup]:
    return MessageGroup.objects.filter(pk__in=[each.group.pk for each in attempts])


# In SQL, because this runs for every event of a long queue, and the ORM would take most of the time
# to build it. The inner query reads one entry of the index `messages_that_wait` for each group.
_HEADS = """
    SELECT m.*, (
        SELECT u.user_id FROM integrations_alloyuser u
        WHERE u.tenant_id = m.tenant_id AND u.environment = %s
    ) AS user_id
    FROM integrations_messagegroup g JOIN integrations_message m ON m.id = (
        SELECT w.id FROM integrations_message w
        WHERE w.group_id = g.id AND w.state = 'waiting' ORDER BY w.sequence LIMIT 1
    )
    WHERE g.id IN (%%s)
"""


def _heads(groups: Collection[MessageGroup]) -> Iterable[Message]:
    """Return the first waiting message of each group, with its tenant's Alloy userId."""
    if not groups:
        return []
    these = ", ".join(["%s"] * len(groups))
    values = [conf.environment(), *(group.pk for group in groups)]
    return Message.objects.raw(_HEADS.replace("%%s", these), values)


def _mark_interrupted(attempts: Iterable[OpenAttempt]) -> None:
    """Note which messages of groups just claimed a sender that died has left in mid-call."""
    heads = {each.message.pk: each for each in attempts}
    started = Attempt.objects.filter(message__in=heads, outcome=Outcome.STARTED)
    interrupted = dict(started.values_list("message", "number"))
    if not interrupted:
        return
    started.update(outcome=Outcome.INTERRUPTED)
    Message.objects.filter(pk__in=interrupted).update(attempts_made=F("attempts_made") + 1)
    for message, number in interrupted.items():
        heads[message].number = number + 1


def _deliver(accepted: Collection[OpenAttempt]) -> None:
    """Delivered is delivered, whatever an operator or another sender decided meanwhile."""
    now = timezone.now()
    for each in accepted:
        each.message.state, each.message.settled_at = Message.State.DELIVERED, now
    for is_lost in (False, True):
        messages = [each.message.pk for each in accepted if each.is_lost is is_lost]
        Message.objects.filter(pk__in=messages).update(
            state=Message.State.DELIVERED,
            last_error="",
            settled_at=now,
            # Whoever took the group over has counted the attempt already, as an interrupted one.
            attempts_made=F("attempts_made") + int(not is_lost),
        )
    announce(accepted)


def _settle_failed(failed: Collection[OpenAttempt]) -> set[OpenAttempt]:
    """Store failures; return those whose groups have to wait before the next attempt."""
    failed = _still_waiting(failed)
    if not failed:
        return set()
    halted = {each for each in failed if not (each.is_lost or _is_dead(each))}
    for each in failed:
        each.message.last_error = each.result.error
        each.message.attempts_made = each.number
        if not each.is_lost and each not in halted:
            each.message.state, each.message.settled_at = Message.State.DEAD, timezone.now()
    fields = ["state", "settled_at", "last_error", "attempts_made"]
    Message.objects.bulk_update((each.message for each in failed), fields)
    announce(each for each in failed if each.message.state == Message.State.DEAD)
    _back_off(halted)
    return halted


def _still_waiting(failed: Collection[OpenAttempt]) -> list[OpenAttempt]:
    """Leave out messages discarded meanwhile, and drop their errors: the tenant may be erased."""
    messages = [each.message.pk for each in failed]
    waiting = Message.objects.filter(pk__in=messages, state=Message.State.WAITING)
    still = set(waiting.values_list("pk", flat=True))
    for each in failed:
        if each.message.pk not in still:
            each.result.error = ""
    return [each for each in failed if each.message.pk in still]


def _is_dead(failed: OpenAttempt) -> bool:
    refused = failed.result.outcome == Outcome.REFUSED
    return refused or _failures(failed) >= conf.read().MAX_ATTEMPTS


def _failures(failed: OpenAttempt) -> int:
    """Return how often the message has failed. A probe does not count: it is Alloy that is down."""
    counts = failed.result.blames_the_message and not failed.probing
    return failed.group.failures + int(counts)


def _back_off(halted: Iterable[OpenAttempt]) -> None:
    now = timezone.now()
    for each in halted:
        group, result = each.group, each.result
        asked = timedelta(seconds=min(result.retry_after or 0.0, LONGEST_RETRY_AFTER))
        group.failures, group.lease = _failures(each), None
        group.due_at = now + max(asked, _wait(each))
        group.resume_at = now + asked if result.health is Health.DOWN else None
    fields = ["failures", "lease", "due_at", "resume_at"]
    MessageGroup.objects.bulk_update((each.group for each in halted), fields)


def _wait(failed: OpenAttempt) -> timedelta:
    """Return how long to wait, unless Alloy asks for more.

    While Alloy is down or busy, circuit breaker and pace keep the calls few. What is missing on our
    side, such as the tenant's Alloy user, is looked for ever more rarely.
    """
    about_alloy = failed.result.health in (Health.DOWN, Health.BUSY)
    failures = failed.group.failures if about_alloy else failed.number
    return full_jitter(max(failures, 1))


def _advance(going: Collection[OpenAttempt]) -> list[MessageGroup]:
    """Return the groups whose next message may follow; release those that had their turn."""
    over = {each.group for each in going if each.in_a_row >= MESSAGES_IN_A_ROW}
    release(over, due_at=timezone.now())
    recovered = [each.group.pk for each in going if each.group.failures or each.group.resume_at]
    MessageGroup.objects.filter(pk__in=recovered).update(failures=0, resume_at=None)
    return [each.group for each in going if each.group not in over]


def release(groups: Iterable[MessageGroup], *, due_at: datetime | None) -> None:
    """Give up leases: the groups are due at `due_at`; with None they are idle."""
    these = MessageGroup.objects.filter(pk__in=[group.pk for group in groups])
    these.update(due_at=due_at, lease=None)


def announce(settled: Iterable[OpenAttempt]) -> None:
    """Send the signal `message_settled` for each, in the transaction that settles it."""
    for each in settled:
        message_settled.send(sender=None, message=each.message)
