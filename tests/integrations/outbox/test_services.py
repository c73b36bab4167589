from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from integrations.models import Attempt, Message, MessageGroup
from integrations.outbox import ledger, relay, services
from integrations.outbox.publish import enqueue
from integrations.outbox.result import Result
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.outbox.steps import begun, relay_once, relay_until_quiet, states, tell

if TYPE_CHECKING:
    from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

    from accounts.models import User
    from integrations.models import AlloyUser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group", "long_waits")]


@pytest.fixture
def dead(alloy: FakeAlloy, merchant: User) -> Message:
    """A dead letter at the head of its group."""
    alloy.fail("/run/event", Reply(422, {"message": "No such event"}))
    message = tell(merchant, 1)
    relay_once()
    return message


def test_a_retried_dead_letter_goes_out(alloy: FakeAlloy, dead: Message) -> None:
    assert services.retry(message=dead) is True
    relay_once()
    assert (states(), alloy.events) == (["delivered"], [{"number": 1}])


def test_a_retry_wakes_a_worker(
    dead: Message,
    woken: list[object],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.retry(message=dead)
    assert ("drain_group", (dead.group_id,)) in woken


def test_a_retried_message_has_all_its_tries_before_it_again(
    alloy: FakeAlloy, dead: Message, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "MAX_ATTEMPTS": 3}
    alloy.fail("/run/event", Reply(503), Reply(503))
    services.retry(message=dead)
    relay_until_quiet()
    assert states() == ["delivered"]


def test_a_retried_message_goes_before_the_later_ones_that_still_wait(
    alloy: FakeAlloy, merchant: User, dead: Message
) -> None:
    tell(merchant, 2)
    assert services.retry(message=dead) is True
    relay_once()
    assert alloy.events == [{"number": 1}, {"number": 2}]


def test_older_news_are_discarded_once_newer_have_arrived(
    alloy: FakeAlloy, merchant: User, dead: Message
) -> None:
    tell(merchant, 2)
    relay_once()
    assert services.retry(message=dead) is False
    relay_once()
    assert (states(), alloy.events) == (["discarded", "delivered"], [{"number": 2}])


@pytest.mark.parametrize("outcome", ["ambiguous", "started", "interrupted"])
def test_older_news_are_discarded_once_newer_may_have_arrived(
    merchant: User, dead: Message, outcome: str
) -> None:
    later = tell(merchant, 2)
    Attempt.objects.create(message=later, number=1, outcome=outcome)
    assert services.retry(message=dead) is False
    assert states() == ["discarded", "waiting"]


@pytest.mark.parametrize("outcome", ["temporary", "refused"])
def test_newer_news_that_surely_did_not_arrive_are_no_hindrance(
    merchant: User, dead: Message, outcome: str
) -> None:
    later = tell(merchant, 2)
    Attempt.objects.create(message=later, number=1, outcome=outcome)
    assert services.retry(message=dead) is True


def test_what_tells_no_news_is_sent_however_much_went_before_it(
    merchant: User, alloy_user: AlloyUser
) -> None:
    with transaction.atomic():
        dead, later = (
            enqueue(
                group_key="alloy-user:1",
                tenant=merchant,
                kind="provision",
                payload={"alloy_user": alloy_user.pk},
            )
            for _ in range(2)
        )
    Message.objects.filter(pk=dead.pk).update(state=Message.State.DEAD)
    Message.objects.filter(pk=later.pk).update(state=Message.State.DELIVERED)
    Attempt.objects.create(message=later, number=1, outcome=Attempt.Outcome.ACCEPTED)
    assert services.retry(message=dead) is True
    relay_once()
    assert states() == ["delivered", "delivered"]


def test_retrying_twice_is_retrying_once(alloy: FakeAlloy, dead: Message) -> None:
    assert [services.retry(message=dead), services.retry(message=dead)] == [True, True]
    relay_once()
    assert len(alloy.events) == 1


def test_what_was_delivered_cannot_be_retried(alloy: FakeAlloy, merchant: User) -> None:
    message = tell(merchant)
    relay_once()
    assert services.retry(message=message) is False
    relay_once()
    assert (states(), len(alloy.events)) == (["delivered"], 1)


def test_a_waiting_message_can_be_discarded(alloy: FakeAlloy, merchant: User) -> None:
    first = tell(merchant, 1)
    tell(merchant, 2)
    services.discard(message=first)
    relay_once()
    assert alloy.events == [{"number": 2}]


def test_what_was_delivered_cannot_be_discarded(merchant: User) -> None:
    message = tell(merchant)
    relay_once()
    services.discard(message=message)
    assert states() == ["delivered"]


def under_way(message: Message) -> tuple[MessageGroup, Attempt]:
    """Return the group and the attempt of a worker that is sending the message right now."""
    group, attempt = begun()
    assert attempt.message == message
    return group, attempt


def test_a_message_discarded_in_mid_call_is_delivered_if_alloy_took_it(merchant: User) -> None:
    message = tell(merchant)
    group, attempt = under_way(message)
    services.discard(message=message)
    ledger.settle(group, attempt, Result.accepted())
    assert states() == ["delivered"]


def test_a_message_discarded_in_mid_call_stays_discarded_if_alloy_refused_it(
    merchant: User,
) -> None:
    message = tell(merchant)
    group, attempt = under_way(message)
    services.discard(message=message)
    ledger.settle(group, attempt, Result(Attempt.Outcome.REFUSED, error="No."))
    assert states() == ["discarded"]


def test_what_went_wrong_with_a_message_discarded_in_mid_call_is_not_kept(
    merchant: User,
) -> None:
    message = tell(merchant)
    group, attempt = under_way(message)
    services.discard(message=message)
    ledger.settle(group, attempt, Result(Attempt.Outcome.AMBIGUOUS, error="Ada's order."))
    message.refresh_from_db()
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.error, message.last_error) == ("ambiguous", "", "")


def test_an_operator_does_not_take_a_group_out_of_a_workers_hands(
    alloy: FakeAlloy, merchant: User, dead: Message
) -> None:
    later = tell(merchant, 2)
    group, attempt = under_way(later)
    assert services.retry(message=dead) is False
    relay.drain_group(group.pk)
    assert alloy.events == []
    ledger.settle(group, attempt, Result.accepted())
    assert states() == ["discarded", "delivered"]
