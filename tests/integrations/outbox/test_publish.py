from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from integrations.events import publish
from integrations.models import Message, MessageGroup
from orders.events import FulfillmentUpdated
from tests.full_size import size
from tests.integrations.outbox.steps import relay_until_quiet, tell
from tests.integrations.threads import at_once

if TYPE_CHECKING:
    from pytest_django import DjangoCaptureOnCommitCallbacks

    from accounts.models import User
    from tests.integrations.fake_alloy import FakeAlloy


pytestmark = pytest.mark.usefixtures("alloy_user")


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_refused_with_the_cure(merchant: User) -> None:
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
def test_what_is_rolled_back_is_never_sent(
    alloy: FakeAlloy, merchant: User, woken: list[object]
) -> None:
    woken.clear()
    for number in range(20):
        with pytest.raises(Changed), transaction.atomic():
            tell_and_change_ones_mind(merchant, number)
    relay_until_quiet()
    assert (alloy.events, Message.objects.count(), woken) == ([], 0, [])


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_message_leaves_no_gap_in_the_numbers(merchant: User) -> None:
    tell(merchant, 1)
    with pytest.raises(Changed), transaction.atomic():
        tell_and_change_ones_mind(merchant, 2)
    assert tell(merchant, 3).sequence == 2


def test_a_worker_is_woken_once_the_transaction_has_committed(
    merchant: User,
    woken: list[object],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        message = tell(merchant)
        assert ("drain_group", (message.group_id,)) not in woken
    assert ("drain_group", (message.group_id,)) in woken


def test_an_idle_group_becomes_due_at_once(group: MessageGroup, merchant: User) -> None:
    tell(merchant)
    assert list(MessageGroup.objects.due()) == [group]


def test_a_group_that_backs_off_goes_on_waiting(group: MessageGroup, merchant: User) -> None:
    later = timezone.now() + timedelta(minutes=5)
    MessageGroup.objects.update(due_at=later)
    tell(merchant)
    assert MessageGroup.objects.get(pk=group.pk).due_at == later


def test_a_message_carries_the_correlation_id_of_its_request(merchant: User) -> None:
    with bound_contextvars(request_id="of-the-request"):
        assert tell(merchant).correlation_id == "of-the-request"


def test_an_endless_request_id_from_outside_is_cut(merchant: User) -> None:
    with bound_contextvars(request_id="x" * 5000):
        assert tell(merchant).correlation_id == "x" * 64


def test_the_payload_is_what_the_event_class_declares(merchant: User) -> None:
    event = FulfillmentUpdated(orderId="118", status="PACKED")
    with transaction.atomic():
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
    per_group, orders, seeds = size(5, usual=4), size(50, usual=6), random.Random(6)  # noqa: S311
    pauses = [seeds.uniform(0, size(50, usual=10) / 1000) for _ in range(8)]
    committed: dict[str, list[int]] = {f"order:{number}": [] for number in range(orders)}

    def write(writer: int) -> None:
        for subject, seen in committed.items():
            for number in range(per_group):
                with transaction.atomic():
                    tell(merchant, writer * 100 + number, subject=subject)
                    time.sleep(pauses[writer])
                    # The group is still locked, so this is the order of the commits.
                    seen.append(writer * 100 + number)

    at_once(8, write)
    relay_until_quiet()
    for subject, seen in committed.items():
        messages = Message.objects.filter(group__key=f"{merchant.pk}:{subject}")
        sent = [message.payload["number"] for message in messages.order_by("sequence")]
        assert sent == seen
        numbers = list(messages.order_by("sequence").values_list("sequence", flat=True))
        assert numbers == list(range(1, 8 * per_group + 1))
    assert len(alloy.events) == 8 * per_group * len(committed)
