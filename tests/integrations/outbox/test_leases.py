"""A sender that dies, is slow or loses its lease neither loses a message nor disturbs the order."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Event

import pytest
from django.utils import timezone

from accounts.models import User
from integrations.models import MessageGroup
from integrations.outbox import transitions
from integrations.outbox.handlers import Outcome, Result, deliver
from integrations.outbox.relay import Relay
from tests.integrations.fake_alloy import FakeAlloy
from tests.integrations.outbox.steps import begun, let_waits_end, outcomes, relay_once, settle, tell

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("group", "long_waits"),
]


def test_a_sender_killed_in_mid_call_leaves_an_interrupted_attempt_and_the_same_key_goes_again(
    alloy: FakeAlloy, merchant: User
) -> None:
    message = tell(merchant)
    deliver(begun().message, number=1)  # and here it dies, before it can settle
    relay_once()
    assert len(alloy.events) == 1, "the lease of the dead sender still runs"
    let_waits_end()
    relay_once()
    assert outcomes(message) == ["interrupted", "accepted"]
    message.refresh_from_db()
    assert message.attempts_made == 2
    keys = {call.idempotency_key for call in alloy.calls_to("/run/event")}
    assert (len(alloy.events), keys) == (2, {str(message.uid)})


def test_a_sender_that_lost_its_lease_settles_nothing_over_the_new_owner(merchant: User) -> None:
    first, second = tell(merchant, 1), tell(merchant, 2)
    slow = begun()
    let_waits_end()
    new = begun()
    assert new.message == slow.message
    assert settle(slow, Result.accepted()) is None
    assert MessageGroup.objects.get().lease == new.lease
    following = settle(new, Result.accepted())
    assert following
    assert following.message == second
    assert outcomes(first) == ["accepted", "accepted"]


def test_a_late_failure_does_not_bring_a_delivered_message_back(merchant: User) -> None:
    message = tell(merchant)
    slow = begun()
    let_waits_end()
    relay_once()
    assert settle(slow, Result(Outcome.AMBIGUOUS, error="No answer.")) is None
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("delivered", "")
    group = MessageGroup.objects.get()
    assert (group.failures, group.due_at) == (0, None)


def test_leases_are_renewed_where_they_are_ours(merchant: User) -> None:
    tell(merchant, 1)
    kept = begun()
    tell(merchant, 2, subject="order:2")
    lost = begun()
    MessageGroup.objects.filter(pk=lost.group.pk).update(lease=kept.lease)
    hour = timedelta(hours=1)
    assert transitions.renew([kept, lost], lease=hour) == [kept]
    assert (kept.is_lost, lost.is_lost) == (False, True)
    in_half_an_hour = timezone.now() + hour / 2
    assert MessageGroup.objects.get(due_at__gt=in_half_an_hour) == kept.group


def test_a_call_does_not_leave_once_the_group_is_lost(alloy: FakeAlloy, merchant: User) -> None:
    tell(merchant)
    sender, each = Relay(senders=2), begun()
    each.is_lost = True
    sender._send([each])
    sender.drain(seconds=600)
    assert alloy.calls == []


def test_no_more_calls_leave_than_senders_while_no_outcome_is_committed(
    alloy: FakeAlloy, merchant: User
) -> None:
    for number in range(10):
        tell(merchant, number, subject=f"order:{number}")
    sender = Relay(senders=2)
    with pytest.MonkeyPatch.context() as patch:
        for step in ("_settle_accepted", "_settle_rest"):
            patch.setattr(sender, step, lambda: None)
        while len(alloy.events) < 2:
            sender._run_once(idle=0)
        for _ in range(5):
            sender._run_once(idle=0)
        assert len(alloy.events) == 2, "a kill would repeat what is not recorded"
    sender.drain(seconds=600)
    assert len(alloy.events) == 10


@pytest.mark.parametrize("senders", [1, 2])
def test_no_call_leaves_on_a_lease_that_could_run_out_before_its_end(
    alloy: FakeAlloy, merchant: User, senders: int
) -> None:
    tell(merchant)
    sender, each = Relay(senders=senders), begun()
    each.leased_at = time.monotonic() - sender._lease.total_seconds() + 59  # a call may last 60 s
    asked = Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sender, "_renew", asked.set)  # as while the database does not answer
        sender._send([each])
        while senders > 1 and not asked.is_set():
            sender._run_once(idle=0)
    assert alloy.calls == []
    if senders > 1:  # the thread waits for the loop
        transitions.renew([each], lease=sender._lease)
        each.leased_at = time.monotonic()
        sender.drain(seconds=600)
        assert alloy.events == [{"number": 1}]


def test_waiting_for_the_pace_may_cost_the_lease(alloy: FakeAlloy, merchant: User) -> None:
    tell(merchant)
    sender, each = Relay(senders=1), begun()
    each.leased_at = time.monotonic()

    def lose() -> float:
        each.is_lost = True
        return 0.001

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sender._pace, "reserve", lose)
        sender._send([each])
    assert alloy.calls == []
