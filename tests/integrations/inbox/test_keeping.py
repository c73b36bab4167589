"""A genuine delivery is kept before it is answered, once however often it comes."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from integrations import retention
from integrations.inbox import process, signature
from integrations.inbox.destinations import destinations
from integrations.models import Delivery, IntegrationsSnapshot, Message
from orders.models import Order, Status, StatusChange
from orders.services import order_change_status
from tests.full_size import size
from tests.integrations.conftest import make_ready
from tests.integrations.inbox.steps import ORDER, Sender, url_of
from tests.integrations.threads import at_once

if TYPE_CHECKING:
    from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

    from accounts.models import User
    from integrations.models import AlloyUser
    from tests.integrations.fake_alloy import FakeAlloy

pytestmark = pytest.mark.django_db

REPEATS = size(1_000, usual=100)
SENDERS = size(16, usual=8)


@pytest.fixture
def url(alloy_user: AlloyUser) -> str:
    """The URL of the merchant's orders."""
    return url_of("orders", f"userId={alloy_user.user_id}")


def test_a_delivery_is_kept_as_it_came_and_answered_202(
    sender: Sender, url: str, merchant: User
) -> None:
    body = b'{ "id":118,  "note": "\\u00e9 \xc3\xa9" }'
    assert sender.post(url, body).status_code == 202
    delivery = Delivery.objects.get()
    assert (delivery.body.encode(), delivery.tenant, delivery.kind, delivery.state) == (
        body,
        merchant,
        "orders",
        "waiting",
    )


def test_it_is_processed_after_the_commit(
    sender: Sender,
    url: str,
    woken: list[object],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sender.post(url, ORDER)
        assert not Order.objects.exists()
    assert ("process_delivery", (Delivery.objects.get().pk,)) in woken


def test_a_repeated_delivery_is_counted_and_changes_nothing(sender: Sender, url: str) -> None:
    answers = [sender.post(url, ORDER).status_code for _ in range(3)]
    process.sweep(seconds=600)
    answers.append(sender.post(url, ORDER).status_code)
    assert process.sweep(seconds=600) == 0
    assert answers == [202, 200, 200, 200]
    assert (Delivery.objects.get().times_received, Order.objects.count()) == (4, 1)


def deliver_at_once(sender: Sender, url: str, *, times: int) -> Counter[int]:
    """Post one delivery so often, from as many connections as there are senders; count answers."""

    def deliver(number: int) -> list[int]:
        each = Sender(sender.private_key, Client())
        mine = range(number, times, SENDERS)
        answers = [each.send("POST", url, body, headers=signed).status_code for _ in mine]
        process.sweep(seconds=600)
        return answers

    body = json.dumps(ORDER).encode()
    signed = {"X-Alloy-Signature": sender.sign("POST", url, body)}
    answers = at_once(SENDERS, deliver)
    process.sweep(seconds=600)
    return Counter(status for statuses in answers for status in statuses)


def let_a_month_pass() -> None:
    """Move everything that is remembered of deliveries into the past, and forget what is due."""
    long_ago = timezone.now() - timedelta(days=30)
    Delivery.objects.update(received_at=long_ago, processed_at=long_ago)
    retention.prune(seconds=600)


def flush_all_caches() -> None:
    """Forget what this process holds: the public key, counters, Django's cache."""
    signature.public_key_source.cache_clear()
    cache.clear()


@pytest.mark.scenario(13)
@pytest.mark.django_db(transaction=True)
def test_the_same_delivery_a_thousand_times_is_one_order_today_in_a_month_and_without_caches(
    sender: Sender, url: str, merchant: User, alloy: FakeAlloy
) -> None:
    answers = deliver_at_once(sender, url, times=REPEATS)
    assert answers == {202: 1, 200: REPEATS - 1}
    assert Delivery.objects.get().times_received == REPEATS
    order = Order.objects.get()
    order_change_status(order=order, status=Status.SHIPPED, changed_by=merchant)
    let_a_month_pass()
    assert not Delivery.objects.exists()
    assert deliver_at_once(sender, url, times=REPEATS) == {202: 1, 200: REPEATS - 1}
    flush_all_caches()
    assert deliver_at_once(sender, url, times=REPEATS) == {200: REPEATS}
    order.refresh_from_db()
    assert (Order.objects.count(), order.status) == (1, Status.SHIPPED)
    assert (Message.objects.count(), StatusChange.objects.count()) == (1, 1)
    assert {call.path for call in alloy.calls} == {"/security/alloy_public_key.pem"}
    assert len(alloy.calls) <= 2, "once, and once more after the caches were flushed"


@pytest.mark.scenario(13)
def test_two_orders_that_differ_in_one_digit_stay_two(sender: Sender, url: str) -> None:
    sender.post(url, ORDER)
    sender.post(url, {**ORDER, "id": 119})
    process.sweep(seconds=600)
    assert Order.objects.count() == 2


def test_the_same_body_for_two_merchants_makes_two_orders(
    sender: Sender, url: str, merchant: User, other_merchant: User
) -> None:
    sender.post(url, ORDER)
    sender.post(url_of("orders", f"userId={make_ready(other_merchant).user_id}"), ORDER)
    process.sweep(seconds=600)
    owners = set(Order.objects.values_list("merchant", flat=True))
    assert owners == {merchant.pk, other_merchant.pk}


def test_where_the_url_is_silent_the_header_names_the_user(
    sender: Sender, alloy_user: AlloyUser, merchant: User
) -> None:
    sender.post(url_of("orders"), ORDER, headers={"X-Alloy-UserId": alloy_user.user_id})
    assert Delivery.objects.get().tenant == merchant


def test_the_headers_that_came_with_it_are_kept_for_the_operator(sender: Sender, url: str) -> None:
    names = {
        "X-Alloy-WorkflowId": "w1",
        "X-Alloy-BlockName": "a\0b",
        "X-Alloy-BlockType": "y" * 999,
    }
    sender.post(url, ORDER, headers=names)
    assert Delivery.objects.get().identity == {"WorkflowId": "w1", "BlockType": "y" * 200}


@pytest.mark.parametrize("header", ["X-Request-ID", "X-Correlation-ID"])
def test_an_endless_id_from_outside_does_not_keep_a_delivery_out(
    sender: Sender, url: str, header: str
) -> None:
    assert sender.post(url, ORDER, headers={header: "x" * 5000}).status_code == 202
    assert len(Delivery.objects.get().correlation_id) <= 64


def test_no_one_is_logged_in_and_no_csrf_token_is_asked_for(sender: Sender, url: str) -> None:
    sender.client = Client(enforce_csrf_checks=True)
    assert sender.post(url, ORDER).status_code == 202


INSTALLED: dict[str, Any] = {
    "integrationId": "63ea758e82c3074141968bb9",
    "workflowIds": ["w"],
    "success": True,
}


def test_an_installation_makes_the_page_look_again_each_time_it_is_told(
    sender: Sender, alloy_user: AlloyUser
) -> None:
    snapshot = IntegrationsSnapshot.objects.create(alloy_user=alloy_user)
    told = []
    for _ in range(2):
        sender.post(url_of("installations"), {**INSTALLED, "userId": alloy_user.user_id})
        assert process.sweep(seconds=600) == 1
        snapshot.refresh_from_db()
        told.append(snapshot.changed_at)
    assert None not in told
    assert told[0] != told[1]
    assert Delivery.objects.count() == 1


def test_an_installation_that_was_set_aside_is_tried_again_when_it_is_told_again(
    sender: Sender, alloy_user: AlloyUser
) -> None:
    body = {**INSTALLED, "userId": alloy_user.user_id}
    sender.post(url_of("installations"), body)
    Delivery.objects.update(state="set_aside", due_at=None, attempts_made=8)
    sender.post(url_of("installations"), body)
    process.sweep(seconds=600)
    assert Delivery.objects.get().state == "processed"


def test_a_streamed_error_is_kept(sender: Sender, alloy_user: AlloyUser) -> None:
    body = {"workflowId": "w", "executionId": "e", "blockType": "http", "error": "It broke."}
    sender.post(url_of("errors", f"userId={alloy_user.user_id}"), body)
    process.sweep(seconds=600)
    assert Delivery.objects.get().state == "processed"


def test_the_urls_to_paste_are_the_urls_that_work(
    sender: Sender, alloy_user: AlloyUser, settings: Settings
) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "installations": {**INSTALLED, "userId": alloy_user.user_id},
        "orders": ORDER,
        "errors": {"workflowId": "w", "executionId": "e"},
    }
    for each in destinations():
        url = each.url.replace("{userId}", alloy_user.user_id)
        headers = {"X-Alloy-UserId": alloy_user.user_id}
        answer = sender.post(url, bodies[each.kind], headers=headers)
        assert (each.kind, answer.status_code) == (each.kind, 202), json.loads(answer.content)
