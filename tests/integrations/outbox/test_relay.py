from __future__ import annotations

import random
from collections import Counter

import pytest
from django.db import InternalError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from integrations.models import AlloyUser, Attempt, Message, MessageGroup
from integrations.outbox import fast_path, handlers, messages, relay, transitions
from integrations.outbox.handlers import Result
from integrations.outbox.relay import Relay
from integrations.signals import message_settled
from integrations.tenants.unprovisioned import provision_some_missing
from tests.integrations.fake_alloy import Call, FakeAlloy, Reply
from tests.integrations.outbox.steps import (
    begin_due,
    begun,
    outcomes,
    relay_once,
    relay_until_quiet,
    settle,
    settle_all,
    states,
    tell,
)
from tests.integrations.threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("group", "long_waits"),
]


def numbers_of(alloy: FakeAlloy, *, order: int, of: int) -> list[int]:
    """Return which events of an order Alloy took, where their numbers go round so many orders."""
    return [it["number"] for it in alloy.events if it["number"] % of == order]


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
    group = MessageGroup.objects.get()
    assert (states(), group.due_at, group.lease) == (["delivered"] * 5, None, None)


def test_groups_whose_messages_were_discarded_hide_no_others(
    alloy: FakeAlloy, merchant: User
) -> None:
    for number in range(5):
        message = tell(merchant, number, subject=f"order:{number}")
        if number < 4:
            messages.discard(message=message)
    relay_once()
    assert alloy.events == [{"number": 4}]
    assert not MessageGroup.objects.filter(due_at__isnull=False).exists()


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


@pytest.mark.parametrize("senders", [1, 8])
def test_order_holds_through_faults_of_every_kind(
    alloy: FakeAlloy, merchant: User, senders: int
) -> None:
    dice = random.Random(1)  # noqa: S311
    faults = [Reply(500), Reply(503), Reply(429), Reply(drop=True)]

    def sometimes(call: Call) -> Reply | None:
        return dice.choice(faults) if dice.random() < 0.3 else None

    alloy.fail_always("/run/event", sometimes)
    for number in range(24):
        tell(merchant, number, subject=f"order:{number % 4}")
    relay_until_quiet(Relay(senders), rounds=200)
    for order in range(4):
        taken = numbers_of(alloy, order=order, of=4)
        assert sorted(set(taken)) == list(range(order, 24, 4))
        assert taken == sorted(taken), "an older message came after a newer one"
    unclear = Attempt.objects.filter(outcome__in=("ambiguous", "interrupted")).count()
    assert len(alloy.events) - 24 <= unclear


def test_relays_side_by_side_send_every_message_once_and_in_order(
    alloy: FakeAlloy, merchant: User
) -> None:
    for number in range(72):
        tell(merchant, number, subject=f"order:{number % 24}")
    at_once(4, lambda number: Relay(senders=1 + 3 * (number % 2)).drain(seconds=600))
    relay_until_quiet()
    assert Counter(it["number"] for it in alloy.events) == Counter(range(72))
    for order in range(24):
        assert numbers_of(alloy, order=order, of=24) == list(range(order, 72, 24))
    assert states() == ["delivered"] * 72


def test_one_thread_drains_for_all_of_its_process(alloy: FakeAlloy, merchant: User) -> None:
    relay.drain(seconds=600)  # ends where there is nothing to do

    def publish_and_send(worker: int) -> None:
        for number in range(10):
            tell(merchant, worker * 10 + number)
            relay.drain(seconds=600)

    at_once(4, publish_and_send)
    assert sorted(it["number"] for it in alloy.events) == list(range(40)), "a hint was swallowed"
    assert not MessageGroup.objects.filter(due_at__isnull=False).exists()


@pytest.mark.parametrize("senders", [1, 4])
def test_the_attempt_is_stored_before_its_call_leaves_and_outside_a_transaction(
    alloy: FakeAlloy, merchant: User, monkeypatch: pytest.MonkeyPatch, senders: int
) -> None:
    seen: list[tuple[bool, list[str]]] = []

    def spy(message: Message) -> None:
        seen.append((transaction.get_connection().in_atomic_block, outcomes(message)))

    monkeypatch.setitem(handlers._handlers, "event", spy)
    tell(merchant, 1), tell(merchant, 2)
    Relay(senders).drain(seconds=600)
    assert seen == [(False, ["started"])] * 2


def test_fifty_events_cost_two_round_trips_and_on_sqlite_a_dozen_queries(merchant: User) -> None:
    begin_due(1)  # a connection's first statements are planned once
    for number in range(100):
        tell(merchant, number, subject=f"order:{number % 50}")
    with CaptureQueriesContext(connection) as queries:
        attempts = begin_due(50)
        for each in attempts:
            each.result = Result.accepted()
        following = settle_all(attempts)
    assert (len(attempts), len(following)) == (50, 50)
    assert len(queries) <= {"postgresql": 2, "sqlite": 14}[connection.vendor]
    assert states() == ["delivered"] * 50 + ["waiting"] * 50
    assert Attempt.objects.filter(outcome="accepted", status=200).count() == 50
    assert Attempt.objects.filter(outcome="started").count() == 50


def test_one_orders_next_event_costs_one_commit_and_few_queries(
    alloy: FakeAlloy, merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seldom in ("RENEW_EVERY", "POLL_EVERY"):
        monkeypatch.setattr(relay, seldom, 600.0)
    for number in range(30):
        tell(merchant, number)
    with CaptureQueriesContext(connection) as queries:
        Relay(senders=1).drain(seconds=600)
    assert len(alloy.events) == 30
    each = {"postgresql": 1, "sqlite": 7}[connection.vendor]
    assert len(queries) <= 30 * each + 20, "BEGIN and COMMIT are counted, too"


def test_what_is_published_while_a_group_is_being_drained_goes_out_too(merchant: User) -> None:
    tell(merchant, 1)
    first = begun()
    tell(merchant, 2)
    assert not MessageGroup.objects.due().exists(), "the lease still stands"
    following = settle(first, Result.accepted())
    assert following
    assert following.message.payload == {"number": 2}


def test_a_long_queue_gives_other_groups_a_turn(
    alloy: FakeAlloy, merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transitions, "MESSAGES_IN_A_ROW", 3)
    for number in range(7):
        tell(merchant, number)
    tell(merchant, 100, subject="order:2")
    relay_once()
    numbers = [it["number"] for it in alloy.events]
    assert numbers.index(100) == 3
    assert [number for number in numbers if number < 100] == list(range(7))


@pytest.mark.parametrize("senders", [1, 4])
def test_a_relay_whose_time_is_up_gives_its_groups_back(
    alloy: FakeAlloy, merchant: User, senders: int
) -> None:
    for number in range(16):
        tell(merchant, number, subject=f"order:{number % 8}")
    Relay(senders).drain(seconds=0)
    assert not MessageGroup.objects.filter(lease__isnull=False).exists()
    assert set(Attempt.objects.values_list("outcome", flat=True)) <= {"accepted"}
    relay_once()
    assert len(alloy.events) == 16


@pytest.mark.parametrize("error", [OperationalError("It closed."), InternalError("Read-only.")])
def test_answers_outlast_a_database_that_is_away(
    alloy: FakeAlloy, merchant: User, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(relay, "RENEW_EVERY", 0.01)
    tell(merchant, 1), tell(merchant, 2)
    module, name = (fast_path, "_run") if fast_path.is_possible() else (transitions, "_record")
    do, times = getattr(module, name), iter([False, True, True])

    def away_for_a_while(*args: object) -> object:
        if next(times, False):
            raise error
        return do(*args)

    monkeypatch.setattr(module, name, away_for_a_while)
    relay_once()
    assert (states(), len(alloy.events)) == (["delivered"] * 2, 2)


def test_a_pooler_that_nobody_spoke_of_mixes_plans_up_once_and_events_still_go_out(
    alloy: FakeAlloy, merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL keeps plans")
    monkeypatch.setattr(fast_path, "_pooled", set())
    tell(merchant, 1)
    relay_once()
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")  # as on another connection
    tell(merchant, 2)
    relay_once()
    relay_once()
    assert (states(), len(alloy.events)) == (["delivered"] * 2, 2)
    assert fast_path._pooled == {"default"}


def test_a_group_that_somebody_has_locked_holds_up_no_other(
    alloy: FakeAlloy, merchant: User
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    tell(merchant, 1), tell(merchant, 2, subject="order:2")
    both = [begun(), begun()]

    def settle_both(_: int) -> list[transitions.OpenAttempt]:
        with transaction.atomic():
            for each in both:
                each.result = Result.accepted()
            return transitions.settle(both)[0]

    with transaction.atomic():
        tell(merchant, 3)  # and its order stays locked
        assert at_once(1, settle_both) == [both[1:]]
    assert at_once(1, settle_both) == [both]


def test_nothing_of_another_environment_is_sent(
    alloy: FakeAlloy, merchant: User, settings: Settings
) -> None:
    tell(merchant)
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_of_another_environment"}
    relay_once()
    assert alloy.calls == []
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_of_the_tests"}
    relay_once()
    assert len(alloy.events) == 1


def test_after_a_change_of_key_no_user_id_of_the_old_environment_is_used(
    alloy: FakeAlloy, merchant: User, alloy_user: AlloyUser, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_of_another_environment"}
    tell(merchant, 2)
    relay_once()
    assert not alloy.calls_to("/run/event")
    provision_some_missing()
    relay_until_quiet()
    (event,) = alloy.calls_to("/run/event")
    (new_user_id,) = alloy.users.values()
    assert event.body["userId"] == new_user_id != alloy_user.user_id


def test_whoever_listens_hears_of_each_settled_message_in_its_transaction(merchant: User) -> None:
    heard: list[tuple[str, bool]] = []

    def hear(message: Message, **_: object) -> None:
        heard.append((message.state, transaction.get_connection().in_atomic_block))

    message_settled.connect(hear)
    try:
        tell(merchant, 1), tell(merchant, 2)
        relay_once()
    finally:
        message_settled.disconnect(hear)
    assert heard == [("delivered", True)] * 2
