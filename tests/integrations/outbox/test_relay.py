from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from integrations.models import Attempt, Message, MessageGroup
from integrations.outbox import ledger, relay
from integrations.outbox.result import Result
from tests.integrations.fake_alloy import Call, FakeAlloy, Reply
from tests.integrations.outbox.steps import (
    begun,
    let_waits_end,
    outcomes,
    relay_once,
    relay_until_quiet,
    states,
    tell,
)
from tests.integrations.threads import at_once

if TYPE_CHECKING:
    from pytest_django import Settings

    from accounts.models import User
    from integrations.models import AlloyUser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _group_exists(group: MessageGroup, long_waits: None) -> None:
    """Every test here tells of the same order."""


def test_messages_reach_alloy_in_order_each_with_its_own_key(
    alloy: FakeAlloy, merchant: User, alloy_user: AlloyUser
) -> None:
    messages = [tell(merchant, number) for number in range(5)]
    relay_once()
    sent = alloy.calls_to("/run/event")
    assert [call.body for call in sent] == [
        {"event": "Thing Happened", "userId": alloy_user.user_id, "data": {"number": number}}
        for number in range(5)
    ]
    assert [call.idempotency_key for call in sent] == [str(message.uid) for message in messages]
    assert states() == ["delivered"] * 5


def test_a_drained_group_waits_for_nothing(merchant: User) -> None:
    tell(merchant)
    relay_once()
    group = MessageGroup.objects.get()
    assert (group.due_at, group.lease, group.failures) == (None, None, 0)


def test_the_woken_task_sends_only_its_own_group(alloy: FakeAlloy, merchant: User) -> None:
    first, second = tell(merchant, 1), tell(merchant, 2, subject="order:2")
    relay.drain_group(second.group_id)
    assert alloy.events == [{"number": 2}]
    relay.drain_group(first.group_id)
    assert alloy.events == [{"number": 2}, {"number": 1}]


def test_a_task_for_a_group_that_is_gone_or_idle_does_nothing(
    alloy: FakeAlloy, group: MessageGroup
) -> None:
    relay.drain_group(group.pk)
    relay.drain_group(group.pk + 1000)
    assert alloy.calls == []


def test_a_failed_message_holds_back_the_later_ones_of_its_group_and_no_other(
    alloy: FakeAlloy, merchant: User
) -> None:
    alloy.fail("/run/event", Reply(503))
    tell(merchant, 1), tell(merchant, 2)
    tell(merchant, 3, subject="order:2"), tell(merchant, 4, subject="order:2")
    relay_once()
    assert alloy.events == [{"number": 3}, {"number": 4}]
    relay_until_quiet()
    assert alloy.events == [{"number": 3}, {"number": 4}, {"number": 1}, {"number": 2}]


def test_order_holds_through_faults_of_every_kind(alloy: FakeAlloy, merchant: User) -> None:
    dice = random.Random(1)  # noqa: S311
    faults = [Reply(500), Reply(503), Reply(429, headers={"Retry-After": "1"}), Reply(drop=True)]

    def sometimes(call: Call) -> Reply | None:
        return dice.choice(faults) if dice.random() < 0.3 else None

    alloy.fail_always("/run/event", sometimes)
    for number in range(40):
        tell(merchant, number, subject=f"order:{number % 4}")
    relay_until_quiet(rounds=200)
    for subject in range(4):
        taken = [it["number"] for it in alloy.events if it["number"] % 4 == subject]
        assert sorted(set(taken)) == list(range(subject, 40, 4))
        assert taken == sorted(taken), "an older message came after a newer one"
    unclear = Attempt.objects.filter(outcome__in=("ambiguous", "interrupted")).count()
    assert len(alloy.events) - 40 <= unclear


def test_eight_workers_send_every_message_once_and_in_order(
    alloy: FakeAlloy, merchant: User
) -> None:
    for number in range(60):
        tell(merchant, number, subject=f"order:{number % 12}")
    groups = list(MessageGroup.objects.values_list("pk", flat=True))

    def work(worker: int) -> None:
        if worker % 2:
            for group in groups:
                relay.drain_group(group)
        else:
            relay_once()

    at_once(8, work)
    relay_until_quiet()
    assert Counter(it["number"] for it in alloy.events) == Counter(range(60))
    for subject in range(12):
        taken = [it["number"] for it in alloy.events if it["number"] % 12 == subject]
        assert taken == sorted(taken)
    assert states() == ["delivered"] * 60


def test_a_worker_killed_in_mid_call_leaves_an_interrupted_try_and_the_same_key_goes_again(
    alloy: FakeAlloy, merchant: User
) -> None:
    message = tell(merchant)
    _, attempt = begun()
    relay._deliver(attempt)  # and here it dies, before it can settle
    relay_once()
    assert len(alloy.events) == 1, "the lease of the dead worker still runs"
    let_waits_end()
    relay_once()
    assert outcomes(message) == ["interrupted", "accepted"]
    keys = {call.idempotency_key for call in alloy.calls_to("/run/event")}
    assert (len(alloy.events), keys) == (2, {str(message.uid)})


def test_a_dropped_answer_repeats_one_message_under_the_same_key(
    alloy: FakeAlloy, merchant: User
) -> None:
    alloy.fail("/run/event", Reply(drop=True))
    message = tell(merchant)
    relay_until_quiet()
    assert outcomes(message) == ["ambiguous", "accepted"]
    assert {call.idempotency_key for call in alloy.calls_to("/run/event")} == {str(message.uid)}


def test_a_worker_that_lost_its_lease_sends_nothing_more(merchant: User) -> None:
    tell(merchant, 1), tell(merchant, 2)
    slow, late = begun()
    let_waits_end()
    _, again = begun()
    assert again.message == late.message
    assert ledger.settle(slow, late, Result.accepted()) is None


def test_a_late_answer_counts_but_advances_nothing_twice(alloy: FakeAlloy, merchant: User) -> None:
    first, second = tell(merchant, 1), tell(merchant, 2)
    slow, late = begun()
    let_waits_end()
    relay_once()
    assert states() == ["delivered", "delivered"]
    assert ledger.settle(slow, late, Result.accepted()) is None
    assert (outcomes(first), outcomes(second)) == (["accepted", "accepted"], ["accepted"])
    assert MessageGroup.objects.get().due_at is None


def test_a_late_failure_does_not_bring_a_delivered_message_back(merchant: User) -> None:
    message = tell(merchant)
    slow, late = begun()
    let_waits_end()
    relay_once()
    failed = Result(Attempt.Outcome.AMBIGUOUS, error="No answer.")
    assert ledger.settle(slow, late, failed) is None
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("delivered", "")
    assert MessageGroup.objects.get().failures == 0


def test_what_is_published_while_a_group_is_being_drained_goes_out_too(merchant: User) -> None:
    tell(merchant, 1)
    group, attempt = begun()
    tell(merchant, 2)
    assert not MessageGroup.objects.due().exists(), "the lease still stands"
    following = ledger.settle(group, attempt, Result.accepted())
    assert following is not None
    assert following.message.payload == {"number": 2}


def test_a_message_that_appears_as_its_group_runs_empty_is_not_forgotten(
    alloy: FakeAlloy, merchant: User
) -> None:
    def publish(worker: int) -> None:
        for number in range(10):
            tell(merchant, worker * 10 + number)
            relay.drain_group(MessageGroup.objects.get().pk)

    at_once(4, publish)
    relay_once()
    assert sorted(it["number"] for it in alloy.events) == list(range(40))
    assert not MessageGroup.objects.filter(due_at__isnull=False).exists()


def test_a_long_queue_gives_other_groups_a_turn(
    alloy: FakeAlloy, merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MESSAGES_PER_TURN", 3)
    for number in range(7):
        tell(merchant, number)
    tell(merchant, 100, subject="order:2")
    relay_once()
    numbers = [it["number"] for it in alloy.events]
    assert numbers.index(100) == 3
    assert [number for number in numbers if number < 100] == list(range(7))


def test_a_worker_whose_time_is_up_gives_its_groups_back(
    alloy: FakeAlloy, merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        tell(merchant, number, subject=f"order:{number % 3}")
    relay.sweep(seconds=0)
    assert MessageGroup.objects.filter(lease__isnull=False).count() == 0
    relay_once()
    assert len(alloy.events) == 6


def test_no_call_is_made_within_a_transaction(alloy: FakeAlloy, merchant: User) -> None:
    inside: list[bool] = []

    from integrations import handlers
    from integrations.outbox import handlers as registry

    def spy(message: Message) -> None:
        inside.append(transaction.get_connection().in_atomic_block)
        handlers.run_event(message)

    tell(merchant)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry._handlers, "event", spy)
        relay_once()
    assert inside == [False]


def test_nothing_of_another_environment_is_sent(
    alloy: FakeAlloy, merchant: User, settings: Settings
) -> None:
    tell(merchant)
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_of_another_environment"}
    relay_once()
    relay.drain_group(MessageGroup.objects.get().pk)
    assert alloy.calls == []
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_of_the_tests"}
    relay_once()
    assert len(alloy.events) == 1


def test_after_a_change_of_key_no_user_id_of_the_old_environment_is_used(
    alloy: FakeAlloy, merchant: User, alloy_user: AlloyUser, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_of_another_environment"}
    tell(merchant, 2)
    relay_until_quiet()
    (event,) = alloy.calls_to("/run/event")
    (new_user_id,) = alloy.users.values()
    assert event.body["userId"] == new_user_id != alloy_user.user_id
