from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from integrations.models import Attempt, Message
from orders import services
from orders.deliveries import latest_tellings, orders_the_store_was_not_told_of, telling_of
from orders.models import Order, Status

Outcome = Attempt.Outcome
State = Message.State


@pytest.fixture
def order(merchant: User) -> Order:
    return Order.objects.create(merchant=merchant, external_id="118")


@pytest.fixture
def message(order: Order) -> Message:
    return change(order, Status.PACKED)


def change(order: Order, status: Status) -> Message:
    services.order_change_status(order=order, status=status, changed_by=None)
    return Message.objects.filter(name="Fulfillment Updated").latest("sequence")


def tried(message: Message, outcome: Outcome) -> Message:
    message.attempts.create(number=1, outcome=outcome)
    return message


def test_a_new_message_waits(message: Message) -> None:
    assert telling_of(message).words == "Waiting to be sent"


def test_a_message_under_way_is_being_sent(message: Message) -> None:
    assert telling_of(tried(message, Outcome.STARTED)).words == "Being sent"


def test_a_failed_try_says_when_the_next_one_is_and_why(message: Message) -> None:
    message.group.due_at = timezone.now() + timedelta(minutes=2)
    message.last_error = "No answer"
    telling = telling_of(tried(message, Outcome.AMBIGUOUS))
    assert (telling.try_again_at, telling.reason) == (message.group.due_at, "No answer")
    assert telling.is_under_way


def test_a_message_behind_a_failing_one_waits_for_it(message: Message, order: Order) -> None:
    tried(message, Outcome.TEMPORARY)
    behind = change(order, Status.SHIPPED)
    behind.group.failures = 1
    assert telling_of(behind).words == "Waits for the one before it"


@pytest.mark.parametrize(
    ("state", "outcome", "words", "tone"),
    [
        (State.DELIVERED, Outcome.ACCEPTED, "The store was told", "good"),
        (State.DEAD, Outcome.REFUSED, "Our integration partner refused it", "bad"),
        (State.DEAD, Outcome.TEMPORARY, "Given up after 25 tries", "bad"),
        (State.DISCARDED, Outcome.REFUSED, "AcmeCo's support decided not to tell the store", ""),
    ],
)
def test_a_settled_message_says_how_it_ended(
    message: Message, state: State, outcome: Outcome, words: str, tone: str
) -> None:
    message.state, message.attempts_made = state, 25
    telling = telling_of(tried(message, outcome))
    assert (telling.words, telling.tone, telling.is_under_way) == (words, tone, False)


def test_a_pruned_message_is_admitted() -> None:
    assert "cleared" in telling_of(None).words


def test_only_the_last_change_of_an_order_counts(message: Message, order: Order) -> None:
    Message.objects.filter(pk=message.pk).update(state=State.DELIVERED)
    change(order, Status.SHIPPED)
    assert latest_tellings([order])[order.pk].words == "Waiting to be sent"


def test_an_order_without_a_change_has_nothing_to_tell(order: Order) -> None:
    assert latest_tellings([order]) == {}


@pytest.mark.postgresql
def test_a_given_up_status_is_a_problem_of_its_merchant_only(
    message: Message, merchant: User, other_merchant: User, order: Order
) -> None:
    Order.objects.create(merchant=other_merchant, external_id=order.external_id)
    Message.objects.filter(pk=message.pk).update(state=State.DEAD, settled_at=timezone.now())
    assert orders_the_store_was_not_told_of(merchant, limit=5) == [order]
    assert orders_the_store_was_not_told_of(other_merchant, limit=5) == []


@pytest.mark.postgresql
def test_a_later_status_that_got_through_ends_the_problem(
    message: Message, merchant: User, order: Order
) -> None:
    Message.objects.filter(pk=message.pk).update(state=State.DEAD, settled_at=timezone.now())
    later = change(order, Status.SHIPPED)
    Message.objects.filter(pk=later.pk).update(state=State.DELIVERED)
    assert orders_the_store_was_not_told_of(merchant, limit=5) == []
