"""The bookkeeping around the calls, for many message groups at once.

A try is written down before its call leaves, and its outcome before the next of its group does. So
a sender that is killed repeats at most the one message of each group whose answer was lost, and
never sends an older message after a newer one. All of it runs in the transactions of the relay.
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
class Try:
    """The try to deliver the head message of a group that we hold the lease of.

    `in_a_row`: which one it is since the group was claimed. `leased_at`: when the lease was last
    renewed, in `time.monotonic`'s seconds; `is_lost`: that it is somebody else's now. A `probing`
    one finds out whether Alloy is well again. `failed_before`: that its message has. It `has_place`
    from before its call leaves until its outcome is committed.
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
    has_place: bool = False
    result: Result = field(default_factory=Result)


def claim(groups: ClaimableQuerySet[MessageGroup], *, limit: int, lease: timedelta) -> list[Try]:
    """Lease up to `limit` due groups, the longest due first, and begin their head messages."""
    while claimed := groups.claim(limit=limit, lease=lease):
        if tries := begin(claimed):
            _mark_interrupted(tries)
            start(tries)
            return tries
    return []


def begin(groups: Collection[MessageGroup]) -> list[Try]:
    """Begin the head message of each group in our hands; a group without one becomes idle.

    `start` writes the attempts down.
    """
    heads = {head.group_id: head for head in _heads(groups)}
    release((group for group in groups if group.pk not in heads), due_at=None)
    return [
        Try(group, head, number=head.attempts_made + 1, lease=group.lease)
        for group in groups
        if (head := heads.get(group.pk))
    ]


def start(tries: Sequence[Try]) -> None:
    """Write down tries whose calls are about to leave."""
    if not tries:
        return
    # Not by `bulk_create`, which takes as long for a row as the call to Alloy.
    row = "(%s, %s, 'started', '', %s)"
    now = timezone.now()
    values = [value for each in tries for value in (each.message.pk, each.number, now)]
    with database.connection().cursor() as cursor:
        cursor.execute(_STARTED.replace("ROWS", ", ".join([row] * len(tries))), values)


_STARTED = """
    INSERT INTO integrations_attempt (message_id, number, outcome, error, started_at) VALUES ROWS
    ON CONFLICT (message_id, number) DO UPDATE SET outcome = excluded.outcome
"""


def settle(tries: Sequence[Try]) -> tuple[list[Try], list[MessageGroup]]:
    """Write down what became of the messages; return what is settled, and the groups to go on with.

    A group that somebody has locked at this moment is left out: it is settled next time. One that
    is no longer ours is not touched: the answer counts, but moves nothing on.
    """
    locked = {group.pk: group for group in _these(tries).skip_locked()}
    settled = [each for each in tries if each.group.pk in locked]
    ours = {each for each in settled if locked[each.group.pk].lease == each.lease}
    for each in settled:
        each.group = locked[each.group.pk]
        each.failed_before = each.group.failures > 0
        each.is_lost = each not in ours
    accepted = {each for each in settled if each.result.outcome == Outcome.ACCEPTED}
    _deliver(accepted, ours)
    halted = _settle_failed([each for each in settled if each not in accepted], ours)
    return settled, _advance([each for each in settled if each in ours and each not in halted])


def record(tries: Iterable[Try]) -> None:
    """Write down how tries ended."""
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
            for each in tries
        ),
        update_conflicts=True,
        unique_fields=["message", "number"],
        update_fields=["outcome", "status", "error", "seconds"],
    )


def renew(tries: Sequence[Try], *, lease: timedelta) -> tuple[list[Try], list[Try]]:
    """Renew leases; return those that still were ours, and those that are somebody else's now.

    One that somebody has locked at this moment is renewed next time.
    """
    leases = dict(_these(tries).skip_locked().values_list("pk", "lease"))
    seen = [each for each in tries if each.group.pk in leases]
    ours = [each for each in seen if leases[each.group.pk] == each.lease]
    _these(ours).update(due_at=timezone.now() + lease)
    return ours, [each for each in seen if each not in ours]


def give_back(tries: Sequence[Try]) -> None:
    """Take back tries whose call never left; their groups are due at once."""
    locked = {group.pk: group.lease for group in _these(tries).skip_locked()}
    ours = [each for each in tries if locked.get(each.group.pk) == each.lease]
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


def _these(tries: Iterable[Try]) -> ClaimableQuerySet[MessageGroup]:
    return MessageGroup.objects.filter(pk__in=[each.group.pk for each in tries])


# Said in SQL because this runs for every event of a long queue, where most of the time would go
# into building it anew. The inner query reads one entry of the index on what waits for each group.
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


def _mark_interrupted(tries: Iterable[Try]) -> None:
    """Note which heads of groups just claimed were left in mid-call by a sender that died."""
    heads = {each.message.pk: each for each in tries}
    started = Attempt.objects.filter(message__in=heads, outcome=Outcome.STARTED)
    interrupted = dict(started.values_list("message", "number"))
    if not interrupted:
        return
    started.update(outcome=Outcome.INTERRUPTED)
    Message.objects.filter(pk__in=interrupted).update(attempts_made=F("attempts_made") + 1)
    for message, number in interrupted.items():
        heads[message].number = number + 1


def _deliver(accepted: Collection[Try], ours: Collection[Try]) -> None:
    """Delivered is delivered, whatever an operator or another sender decided meanwhile."""
    now = timezone.now()
    for each in accepted:
        each.message.state, each.message.settled_at = Message.State.DELIVERED, now
    for mine in (True, False):
        messages = [each.message.pk for each in accepted if (each in ours) is mine]
        Message.objects.filter(pk__in=messages).update(
            state=Message.State.DELIVERED,
            last_error="",
            settled_at=now,
            # Whoever took the group over has counted the try already, as an interrupted one.
            attempts_made=F("attempts_made") + int(mine),
        )
    announce(accepted)


def _settle_failed(failed: Collection[Try], ours: Collection[Try]) -> set[Try]:
    """Write down failures; return those whose groups have to wait before the next try."""
    if not failed:
        return set()
    messages = [each.message.pk for each in failed]
    waiting = Message.objects.filter(pk__in=messages, state=Message.State.WAITING)
    still = set(waiting.values_list("pk", flat=True))
    for each in failed:
        if each.message.pk not in still:
            each.result.error = ""  # discarded meanwhile: it may be that of an erased tenant
    failed = [each for each in failed if each.message.pk in still]
    halted = {each for each in failed if each in ours and not _is_dead(each)}
    for each in failed:
        each.message.last_error = each.result.error
        each.message.attempts_made = each.number
        if each in ours and each not in halted:
            each.message.state, each.message.settled_at = Message.State.DEAD, timezone.now()
    fields = ["state", "settled_at", "last_error", "attempts_made"]
    Message.objects.bulk_update((each.message for each in failed), fields)
    announce(each for each in failed if each.message.state == Message.State.DEAD)
    _back_off(halted)
    return halted


def _is_dead(failed: Try) -> bool:
    refused = failed.result.outcome == Outcome.REFUSED
    return refused or _failures(failed) >= conf.read().MAX_ATTEMPTS


def _failures(failed: Try) -> int:
    """Return how often the message has failed. A probe does not count: it is Alloy that is down."""
    counts = failed.result.blames_the_message and not failed.probing
    return failed.group.failures + int(counts)


def _back_off(halted: Iterable[Try]) -> None:
    now = timezone.now()
    for each in halted:
        group, result = each.group, each.result
        asked = timedelta(seconds=min(result.retry_after or 0.0, LONGEST_RETRY_AFTER))
        group.failures, group.lease = _failures(each), None
        group.due_at = now + max(asked, _wait(each))
        group.resume_at = now + asked if result.health is Health.DOWN else None
    fields = ["failures", "lease", "due_at", "resume_at"]
    MessageGroup.objects.bulk_update((each.group for each in halted), fields)


def _wait(failed: Try) -> timedelta:
    """Return how long to wait, unless Alloy asks for more.

    While Alloy is down or busy, circuit breaker and pace see to it that there are few calls. What
    is missing on our side, such as the tenant's Alloy user, is looked for ever more rarely.
    """
    about_alloy = failed.result.health in (Health.DOWN, Health.BUSY)
    tries = failed.group.failures if about_alloy else failed.number
    return full_jitter(max(tries, 1))


def _advance(going: Collection[Try]) -> list[MessageGroup]:
    """Return the groups whose next message may follow; one that had its turn is given back."""
    over = {each.group for each in going if each.in_a_row >= MESSAGES_IN_A_ROW}
    release(over, due_at=timezone.now())
    recovered = [each.group.pk for each in going if each.group.failures or each.group.resume_at]
    MessageGroup.objects.filter(pk__in=recovered).update(failures=0, resume_at=None)
    return [each.group for each in going if each.group not in over]


def release(groups: Iterable[MessageGroup], *, due_at: datetime | None) -> None:
    """Give groups back: nobody is to look at them before `due_at`; None says that nothing waits."""
    these = MessageGroup.objects.filter(pk__in=[group.pk for group in groups])
    these.update(due_at=due_at, lease=None)


def announce(settled: Iterable[Try]) -> None:
    """Tell whoever listens what is settled, in the transaction that settles it."""
    for each in settled:
        message_settled.send(sender=None, message=each.message)
