from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from integrations.alloy import ExecutionState
from integrations.event_results import EventResult
from integrations.models import Attempt, Message
from orders import services
from orders.models import Order, Status
from orders.sync_status import latest_sync_statuses, orders_not_in_sync, sync_status_of

Outcome = Attempt.Outcome
State = Message.State
RUNNING, SUCCEEDED, FAILED = ExecutionState


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


def taken(message: Message, *, ago: timedelta = timedelta()) -> datetime:
    message.state, message.settled_at = State.DELIVERED, timezone.now() - ago
    return message.settled_at


def result(state: ExecutionState, at: datetime, app: str = "BigCommerce") -> EventResult:
    words = "BigCommerce refuses our access." if state is FAILED else ""
    return EventResult(app, "Order status", state, at, words=words)


def test_a_new_message_waits(message: Message) -> None:
    assert sync_status_of(message).words == "Waiting to be sent"


def test_a_message_under_way_is_being_sent(message: Message) -> None:
    assert sync_status_of(tried(message, Outcome.STARTED)).words == "Being sent"


def test_a_failed_try_says_when_the_next_one_is_and_no_technical_word(message: Message) -> None:
    message.group.due_at = timezone.now() + timedelta(minutes=2)
    message.last_error = "Alloy answered 503 to POST /run/event"
    sync = sync_status_of(tried(message, Outcome.AMBIGUOUS))
    assert sync.try_again_at == message.group.due_at
    assert "Nothing is lost" in sync.reason
    assert "503" not in sync.reason
    assert sync.is_under_way


def test_a_message_behind_a_failing_one_waits_for_it(message: Message, order: Order) -> None:
    tried(message, Outcome.TEMPORARY)
    behind = change(order, Status.SHIPPED)
    behind.group.failures = 1
    assert sync_status_of(behind).words == "Waits for the one before it"


def test_what_alloy_took_is_handed_over_and_not_yet_in_the_store(message: Message) -> None:
    at = taken(message)
    sync = sync_status_of(message)
    assert (sync.words, sync.tone, sync.at) == ("Handed to Alloy", "info", at)
    assert sync.is_under_way
    running = sync_status_of(message, [result(RUNNING, at)])
    assert (running.words, running.is_under_way) == ("Handed to Alloy", True)


def test_the_store_is_updated_once_every_run_has_succeeded(message: Message) -> None:
    at = taken(message) + timedelta(seconds=2)
    done = [result(SUCCEEDED, at), result(SUCCEEDED, at - timedelta(seconds=1), "Slack")]
    sync = sync_status_of(message, done)
    assert (sync.words, sync.tone, sync.at) == ("BigCommerce, Slack updated", "good", at)
    assert not sync.is_under_way
    assert sync_status_of(message, [done[0], result(RUNNING, at)]).tone == "info"


def test_a_run_that_failed_turns_the_line_red_and_says_why(message: Message) -> None:
    at = taken(message)
    sync = sync_status_of(message, [result(SUCCEEDED, at, "Slack"), result(FAILED, at)])
    assert (sync.words, sync.tone) == ("BigCommerce was not updated", "bad")
    assert sync.reason == "BigCommerce refuses our access."
    assert not sync.is_under_way


def test_where_no_run_shows_up_it_is_said_and_no_longer_waited_for(message: Message) -> None:
    taken(message, ago=timedelta(minutes=3))
    sync = sync_status_of(message)
    assert (sync.words, sync.is_under_way) == ("Handed to Alloy", False)
    assert "No workflow has taken it up" in sync.reason


def test_what_alloy_took_while_its_workflow_was_paused_started_nothing(message: Message) -> None:
    at = taken(message)
    sync = sync_status_of(message, paused_since=at - timedelta(minutes=1))
    assert (sync.words, sync.tone) == ("Paused, so nothing was run", "waiting")
    assert not sync.is_under_way
    assert "Resume it under Integrations, then set the status again" in sync.reason
    before = sync_status_of(message, paused_since=at + timedelta(minutes=1))
    ran = sync_status_of(message, [result(RUNNING, at)], at - timedelta(minutes=1))
    assert before.words == ran.words == "Handed to Alloy"


def test_with_the_core_alone_handed_to_alloy_is_all_that_is_known(
    message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.sync_status.are_runs_followed", lambda: False)
    for ago in (timedelta(), timedelta(hours=1)):
        taken(message, ago=ago)
        sync = sync_status_of(message)
        assert (sync.words, sync.reason, sync.is_under_way) == ("Handed to Alloy", "", False)


@pytest.mark.parametrize(
    ("state", "outcome", "words", "tone"),
    [
        (State.DEAD, Outcome.REFUSED, "Alloy refused it", "bad"),
        (State.DEAD, Outcome.TEMPORARY, "Given up after 25 attempts", "bad"),
        (State.DISCARDED, Outcome.REFUSED, "AcmeCo's support decided not to send it", ""),
    ],
)
def test_a_message_that_alloy_never_took_says_how_it_ended(
    message: Message, state: State, outcome: Outcome, words: str, tone: str
) -> None:
    message.state, message.attempts_made = state, 25
    sync = sync_status_of(tried(message, outcome))
    assert (sync.words, sync.tone, sync.is_under_way) == (words, tone, False)


def test_a_pruned_message_is_admitted() -> None:
    assert "cleared" in sync_status_of(None).words


def test_only_the_last_change_of_an_order_counts(message: Message, order: Order) -> None:
    Message.objects.filter(pk=message.pk).update(state=State.DELIVERED)
    change(order, Status.SHIPPED)
    assert latest_sync_statuses([order])[order.pk].words == "Waiting to be sent"


def test_an_order_without_a_change_has_nothing_to_send(order: Order) -> None:
    assert latest_sync_statuses([order]) == {}


def test_a_given_up_status_is_a_problem_of_its_merchant_only(
    message: Message, merchant: User, other_merchant: User, order: Order
) -> None:
    Order.objects.create(merchant=other_merchant, external_id=order.external_id)
    Message.objects.filter(pk=message.pk).update(state=State.DEAD, settled_at=timezone.now())
    assert orders_not_in_sync(merchant) == [order]
    assert orders_not_in_sync(other_merchant) == []


def test_a_later_status_that_alloy_took_ends_the_problem(
    message: Message, merchant: User, order: Order
) -> None:
    Message.objects.filter(pk=message.pk).update(state=State.DEAD, settled_at=timezone.now())
    later = change(order, Status.SHIPPED)
    Message.objects.filter(pk=later.pk).update(state=State.DELIVERED)
    assert orders_not_in_sync(merchant) == []
