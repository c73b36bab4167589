from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from integrations.models import Delivery, Message
from integrations.outbox import selectors
from integrations.outbox.selectors import messages_by_uid
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.outbox.steps import relay_once, tell

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries, Settings

    from accounts.models import User
    from integrations.models import AlloyUser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group", "long_waits")]


def test_nothing_waits_where_nothing_was_told() -> None:
    assert (selectors.waiting_messages(), selectors.age_of_oldest_waiting()) == (0, timedelta())


def test_the_oldest_waiting_message_gives_the_age(alloy: FakeAlloy, merchant: User) -> None:
    alloy.fail_always("/run/event", Reply(503))
    first, _ = tell(merchant, 1), tell(merchant, 2)
    relay_once()
    hour_ago = timezone.now() - timedelta(hours=1)
    Message.objects.filter(pk=first.pk).update(created_at=hour_ago)
    assert selectors.waiting_messages() == 2
    assert selectors.age_of_oldest_waiting() >= timedelta(hours=1)


def test_what_is_done_or_belongs_elsewhere_does_not_wait(
    merchant: User, settings: Settings
) -> None:
    tell(merchant)
    relay_once()
    tell(merchant, 2)
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_of_another_environment"}
    assert (selectors.waiting_messages(), selectors.age_of_oldest_waiting()) == (0, timedelta())


def test_what_is_stuck_is_counted(alloy: FakeAlloy, merchant: User, alloy_user: AlloyUser) -> None:
    alloy.fail("/run/event", Reply(422))
    tell(merchant)
    relay_once()
    Delivery.objects.create(
        kind="orders",
        environment=alloy_user.environment,
        tenant=merchant,
        digest="1",
        body=b"{}",
        state="dead",
    )
    assert (selectors.dead_letters(), selectors.dead_deliveries()) == (1, 1)


def test_messages_come_with_their_attempts_in_two_queries(
    merchant: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    told = [tell(merchant, number) for number in range(3)]
    relay_once()
    with django_assert_num_queries(2):
        found = messages_by_uid(message.uid for message in told)
        counts = {uid: len(message.attempts.all()) for uid, message in found.items()}
    assert counts == {message.uid: 1 for message in told}
