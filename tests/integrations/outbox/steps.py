"""The steps that the outbox's tests are told in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from integrations.backoff import full_jitter
from integrations.models import Attempt, Circuit, Message, MessageGroup
from integrations.outbox import enqueue, fast_path, transitions
from integrations.outbox.handlers import Result
from integrations.outbox.relay import Relay
from integrations.outbox.transitions import OpenAttempt

LEASE = timedelta(minutes=10)


@transaction.atomic
def tell(merchant: User, number: int = 1, *, subject: str = "order:1") -> Message:
    """Publish an event about a subject."""
    return enqueue(
        group_key=f"{merchant.pk}:{subject}",
        tenant=merchant,
        kind="event",
        name="Thing Happened",
        payload={"number": number},
    )


def begun() -> OpenAttempt:
    """Claim the only due group and begin its head message, as a sender does."""
    [begun] = begin_due(1)
    return begun


def begin_due(limit: int) -> list[OpenAttempt]:
    """Claim due groups and begin their head messages, as a sender does."""
    claim = fast_path.claim if fast_path.is_possible() else transitions.claim
    return claim(beside=(), limit=limit, lease=LEASE)


def settle(begun: OpenAttempt, result: Result) -> OpenAttempt | None:
    """Settle an attempt with its result, and return that of the group's next message, if any."""
    begun.result = result
    following = settle_all([begun])
    return following[0] if following else None


def settle_all(attempts: list[OpenAttempt]) -> list[OpenAttempt]:
    """Settle attempts as a sender does, and return what follows."""
    moved: list[OpenAttempt] = []
    following: list[OpenAttempt] = []
    if fast_path.is_possible():
        moved, following = fast_path.move_on(attempts, lease=LEASE)
    if rest := [each for each in attempts if each not in moved]:
        with transaction.atomic():
            following += transitions.begin(transitions.settle(rest)[1])
    return following


def relay_once() -> None:
    """Do what one sender does with everything that is due now.

    No wait ends by itself meanwhile, though a random one may be next to nothing.
    """

    def wait(failures: int) -> timedelta:
        return max(full_jitter(failures), timedelta(seconds=30))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transitions, "full_jitter", wait)
        Relay(senders=1).drain(seconds=600)


def let_waits_end() -> None:
    """Make due whatever waits: back-offs, leases, and the circuit breaker's pause."""
    past = timezone.now() - timedelta(seconds=1)
    MessageGroup.objects.filter(due_at__isnull=False).update(due_at=past)
    Circuit.objects.filter(open_until__isnull=False).update(open_until=past)


def relay_until_quiet(relay: Relay | None = None, *, rounds: int = 60) -> None:
    """Relay, and let all waits end in between, until nothing is left to do."""
    for _ in range(rounds):
        (relay or Relay(senders=1)).drain(seconds=600)
        if not MessageGroup.objects.filter(due_at__isnull=False).exists():
            return
        let_waits_end()
    raise AssertionError(f"Something still waits after {rounds} rounds.")


def states() -> list[str]:
    """Return the states of all messages, in the order they were published."""
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


def outcomes(message: Message) -> list[str]:
    """Return how each attempt to deliver the message ended."""
    attempts = Attempt.objects.filter(message=message).order_by("number")
    return list(attempts.values_list("outcome", flat=True))


def wait_of(group: MessageGroup) -> timedelta:
    """Return how long from now the group waits."""
    group.refresh_from_db()
    assert group.due_at is not None
    return group.due_at - timezone.now()
