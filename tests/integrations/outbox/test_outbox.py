"""What is written to the outbox, and what an operator may do with it."""

from __future__ import annotations

import random
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings
from structlog.contextvars import bound_contextvars

from accounts.models import User
from integrations.events import publish
from integrations.models import AlloyUser, Attempt, Message, MessageGroup
from integrations.outbox import backlog, enqueue
from integrations.outbox.handlers import Outcome, Result
from integrations.outbox.messages import LATEST_ATTEMPTS, discard, messages_by_uid, retry
from integrations.wake import Hint
from orders.events import FulfillmentUpdated
from tests.full_size import size
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.outbox.steps import (
    begun,
    relay_once,
    relay_until_quiet,
    settle,
    states,
    tell,
)
from tests.integrations.threads import at_once

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("group", "long_waits"),
    pytest.mark.postgresql,
]


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_refused_and_says_why(merchant: User) -> None:
    event = FulfillmentUpdated(orderId="1", status="PACKED")
    with pytest.raises(transaction.TransactionManagementError, match=r"transaction\.atomic"):
        publish(event, tenant=merchant, subject="order:1")
    assert not Message.objects.exists()


class Changed(Exception):
    """Somebody changed their mind."""


def tell_and_change_ones_mind(merchant: User, number: int) -> None:
    """Publish an event, then fail."""
    tell(merchant, number)
    raise Changed


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_never_sent_wakes_nobody_and_leaves_no_gap(
    alloy: FakeAlloy, merchant: User, woken: list[Hint]
) -> None:
    woken.clear()
    for number in range(20):
        with pytest.raises(Changed), transaction.atomic():
            tell_and_change_ones_mind(merchant, number)
    relay_until_quiet()
    assert (alloy.events, Message.objects.count(), woken) == ([], 0, [])
    assert tell(merchant, 3).sequence == 1


def test_somebody_is_told_once_an_idle_group_has_become_due(
    merchant: User,
    woken: list[Hint],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    woken.clear()
    with django_capture_on_commit_callbacks(execute=True):
        tell(merchant, 1), tell(merchant, 2)
        assert woken == []
    assert woken == [Hint.SEND], "who was told will find the second message, too"
    assert MessageGroup.objects.due().count() == 1


def test_a_group_that_backs_off_goes_on_waiting(group: MessageGroup, merchant: User) -> None:
    later = timezone.now() + timedelta(minutes=5)
    MessageGroup.objects.update(due_at=later)
    tell(merchant)
    assert MessageGroup.objects.get(pk=group.pk).due_at == later


@pytest.mark.parametrize(("request_id", "kept"), [("of-it", "of-it"), ("x" * 5000, "x" * 64)])
def test_a_message_carries_the_id_of_its_request(
    merchant: User, request_id: str, kept: str
) -> None:
    with bound_contextvars(request_id=request_id):
        assert tell(merchant).correlation_id == kept


def test_the_payload_is_what_the_event_class_declares(merchant: User) -> None:
    event = FulfillmentUpdated(orderId="118", status="PACKED")
    message = publish(event, tenant=merchant, subject="order:7")
    message.refresh_from_db()
    assert (message.name, message.payload, message.kind, message.group.key) == (
        "Fulfillment Updated",
        {"orderId": "118", "status": "PACKED"},
        "event",
        f"{merchant.pk}:order:7",
    )


@pytest.mark.scenario(6)
@pytest.mark.django_db(transaction=True)
def test_racing_transactions_are_numbered_in_the_order_of_their_commits(
    alloy: FakeAlloy, merchant: User
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    each, orders, seeds = size(5, usual=4), size(50, usual=3), random.Random(6)  # noqa: S311
    pauses = [seeds.uniform(0, size(50, usual=10) / 1000) for _ in range(8)]
    committed: dict[str, list[int]] = {f"order:{number}": [] for number in range(orders)}

    def write(writer: int) -> None:
        for subject, seen in committed.items():
            for number in range(each):
                with transaction.atomic():
                    tell(merchant, writer * 100 + number, subject=subject)
                    time.sleep(pauses[writer])
                    # The group is still locked, so this is the order of the commits.
                    seen.append(writer * 100 + number)

    at_once(8, write)
    relay_until_quiet()
    for subject, seen in committed.items():
        messages = Message.objects.filter(group__key=f"{merchant.pk}:{subject}")
        in_order = messages.order_by("sequence").values_list("sequence", "payload__number")
        assert list(in_order) == list(enumerate(seen, 1))
    assert len(alloy.events) == 8 * each * len(committed)


@pytest.fixture
def dead(alloy: FakeAlloy, merchant: User) -> Message:
    """A dead letter at the head of its group."""
    alloy.fail("/run/event", Reply(422, {"message": "No such event"}))
    message = tell(merchant, 1)
    relay_once()
    return message


def test_a_retried_dead_letter_goes_out_once_before_the_later_ones_that_still_wait(
    alloy: FakeAlloy,
    merchant: User,
    dead: Message,
    woken: list[Hint],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    tell(merchant, 2)
    with django_capture_on_commit_callbacks(execute=True):
        assert [retry(message=dead), retry(message=dead)] == [True, True]
    assert Hint.SEND in woken
    relay_once()
    assert alloy.events == [{"number": 1}, {"number": 2}]
    assert retry(message=dead) is False, "it was delivered"


def test_a_retried_message_has_all_its_tries_before_it_again(
    alloy: FakeAlloy, dead: Message, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "MAX_ATTEMPTS": 3}
    alloy.fail("/run/event", Reply(503), Reply(503))
    retry(message=dead)
    relay_until_quiet()
    assert states() == ["delivered"]


@pytest.mark.parametrize("outcome", ["accepted", "ambiguous", "started", "interrupted"])
def test_the_older_is_discarded_once_a_newer_may_have_arrived(
    merchant: User, dead: Message, outcome: str
) -> None:
    Attempt.objects.create(message=tell(merchant, 2), number=1, outcome=outcome)
    assert retry(message=dead) is False
    assert states() == ["discarded", "waiting"]


@pytest.mark.parametrize("outcome", ["temporary", "refused"])
def test_a_newer_that_surely_did_not_arrive_is_no_hindrance(
    merchant: User, dead: Message, outcome: str
) -> None:
    Attempt.objects.create(message=tell(merchant, 2), number=1, outcome=outcome)
    assert retry(message=dead) is True


def test_where_the_latest_does_not_win_all_are_sent(merchant: User, alloy_user: AlloyUser) -> None:
    payload = {"alloy_user": alloy_user.pk}
    dead, later = (
        enqueue(group_key="alloy-user:1", tenant=merchant, kind="provision", payload=payload)
        for _ in range(2)
    )
    Message.objects.filter(pk=dead.pk).update(state=Message.State.DEAD)
    Message.objects.filter(pk=later.pk).update(state=Message.State.DELIVERED)
    Attempt.objects.create(message=later, number=1, outcome=Outcome.ACCEPTED)
    assert retry(message=dead) is True
    relay_once()
    assert states() == ["delivered", "delivered"]


def test_a_waiting_message_can_be_discarded_and_a_delivered_one_cannot(
    alloy: FakeAlloy, merchant: User
) -> None:
    first, second = tell(merchant, 1), tell(merchant, 2)
    discard(message=first)
    relay_once()
    discard(message=second)
    assert (states(), alloy.events) == (["discarded", "delivered"], [{"number": 2}])


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (Result.accepted(), "delivered"),
        (Result(Outcome.REFUSED, error="Ada's order."), "discarded"),
        (Result(Outcome.AMBIGUOUS, error="Ada's order."), "discarded"),
    ],
    ids=lambda value: getattr(value, "outcome", value),
)
def test_of_a_message_discarded_in_mid_call_no_error_is_kept(
    merchant: User, result: Result, state: str
) -> None:
    message = tell(merchant)
    under_way = begun()
    discard(message=message)
    settle(under_way, result)
    message.refresh_from_db()
    assert (message.state, message.last_error) == (state, "")
    assert Attempt.objects.get().error == ""
    assert MessageGroup.objects.get().due_at is None


def test_what_waits_is_counted_and_its_age_known(
    alloy: FakeAlloy, merchant: User, settings: Settings
) -> None:
    assert (backlog.waiting_messages(), backlog.age_of_oldest_waiting()) == (0, timedelta())
    alloy.fail("/run/event", Reply(422))
    tell(merchant)
    relay_once()
    first, _ = tell(merchant, 1), tell(merchant, 2)
    hour_ago = timezone.now() - timedelta(hours=1)
    Message.objects.filter(pk=first.pk).update(created_at=hour_ago)
    assert (backlog.waiting_messages(), backlog.dead_letters()) == (2, 1)
    assert backlog.age_of_oldest_waiting() >= timedelta(hours=1)
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_of_another_environment"}
    assert (backlog.waiting_messages(), backlog.dead_letters()) == (0, 0)


def test_messages_come_with_their_attempts_in_two_queries(
    merchant: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    told = [tell(merchant, number) for number in range(3)]
    relay_once()
    with django_assert_num_queries(2):
        found = messages_by_uid(message.uid for message in told)
        counts = {uid: len(message.attempts.all()) for uid, message in found.items()}
    assert counts == {message.uid: 1 for message in told}


def test_of_a_message_that_was_probed_all_day_only_the_latest_tries_are_loaded(
    merchant: User,
) -> None:
    message = tell(merchant)
    Attempt.objects.bulk_create(Attempt(message=message, number=number) for number in range(1, 301))
    Message.objects.update(attempts_made=300)
    attempts = messages_by_uid([message.uid])[message.uid].attempts.all()
    assert [each.number for each in attempts] == list(range(301 - LATEST_ATTEMPTS, 301))
