"""Processed deliveries are forgotten in time; what they made is not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from integrations import conf, retention
from integrations.inbox import process
from integrations.models import Delivery
from orders.models import Order
from tests.integrations.inbox.steps import ORDER, Sender, url_of

if TYPE_CHECKING:
    from integrations.models import AlloyUser

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(alloy_user: AlloyUser) -> str:
    """Where this merchant's orders are posted to."""
    return url_of("orders", f"userId={alloy_user.user_id}")


def test_a_replay_after_its_delivery_was_forgotten_makes_no_second_order(
    sender: Sender, url: str
) -> None:
    sender.post(url, ORDER)
    process.sweep(seconds=600)
    Delivery.objects.update(processed_at=timezone.now() - conf.retention() - timedelta(days=1))
    retention.prune(seconds=600)
    assert not Delivery.objects.exists()

    assert sender.post(url, ORDER).status_code == 202
    process.sweep(seconds=600)
    assert Delivery.objects.get().state == Delivery.State.PROCESSED
    assert Order.objects.count() == 1


def test_a_delivery_that_waits_or_was_set_aside_is_kept_however_old(
    sender: Sender, url: str
) -> None:
    for number, state in enumerate((Delivery.State.WAITING, Delivery.State.SET_ASIDE)):
        sender.post(url, {**ORDER, "id": number + 1})
        newest = Delivery.objects.order_by("-pk").first()
        assert newest is not None
        Delivery.objects.filter(pk=newest.pk).update(state=state)
    long_ago = timezone.now() - conf.retention() * 2
    Delivery.objects.update(received_at=long_ago, processed_at=long_ago)
    retention.prune(seconds=600)
    assert Delivery.objects.count() == 2
