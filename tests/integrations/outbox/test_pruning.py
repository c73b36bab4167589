"""Delivered messages are forgotten in time, with their attempts and their empty groups."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from integrations import conf, retention
from integrations.models import Attempt, Message, MessageGroup
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.outbox.steps import relay_once, tell

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("group", "long_waits"),
    pytest.mark.postgresql,
]


def grow_old() -> None:
    """Let the retention time pass for everything that is settled or waits."""
    long_ago = timezone.now() - conf.retention() - timedelta(days=1)
    Message.objects.filter(settled_at__isnull=False).update(settled_at=long_ago)
    Message.objects.update(created_at=long_ago)


def test_what_was_delivered_long_ago_is_forgotten_with_its_attempts_and_group(
    alloy: FakeAlloy, merchant: User, group: MessageGroup
) -> None:
    tell(merchant)
    relay_once()
    grow_old()
    retention.prune(seconds=600)
    assert not Message.objects.filter(group=group).exists()
    assert not Attempt.objects.filter(message__group=group).exists()
    assert not MessageGroup.objects.filter(pk=group.pk).exists()


def test_what_waits_or_is_a_dead_letter_is_kept_however_old(
    alloy: FakeAlloy, merchant: User
) -> None:
    alloy.fail("/run/event", Reply(422))
    dead = tell(merchant, 1, subject="order:1")
    relay_once()
    waiting = tell(merchant, 2, subject="order:2")
    grow_old()
    retention.prune(seconds=600)
    kept = Message.objects.filter(pk__in=(dead.pk, waiting.pk)).values_list("state", flat=True)
    assert sorted(kept) == ["dead", "waiting"]


def test_what_was_delivered_lately_is_kept(alloy: FakeAlloy, merchant: User) -> None:
    message = tell(merchant)
    relay_once()
    retention.prune(seconds=600)
    assert Message.objects.filter(pk=message.pk).exists()


def test_more_than_a_batch_is_forgotten_batch_by_batch(
    alloy: FakeAlloy, merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    told = [tell(merchant, number).pk for number in range(5)]
    relay_once()
    grow_old()
    retention.prune(seconds=600)
    assert not Message.objects.filter(pk__in=told).exists()


def test_a_group_that_still_has_messages_stays(
    alloy: FakeAlloy, merchant: User, group: MessageGroup
) -> None:
    tell(merchant, 1)
    relay_once()
    grow_old()
    tell(merchant, 2)
    retention.prune(seconds=600)
    assert [message.payload["number"] for message in group.messages.all()] == [2]
