"""What Alloy signed for a tenant we know is kept before it is answered, once, whatever it says."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from integrations import inbox, retention, webhooks
from integrations.destinations import destinations
from integrations.models import AlloyUser, Delivery, IntegrationsSnapshot, Message
from integrations.wake import Hint
from orders.models import Order, Status, StatusChange
from orders.services import order_change_status
from tests.full_size import size
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import FakeAlloy
from tests.integrations.inbox.steps import BASE, ORDER, TOKEN, Sender, url_of
from tests.integrations.threads import at_once

pytestmark = pytest.mark.django_db

REPEATS = size(1_000, usual=40)
SENDERS = size(16, usual=8)
PATH = f"/webhooks/alloy/{TOKEN}/orders/"


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "body",
    [
        b'{ "id":118,  "note": "\\u00e9 \xc3\xa9" }',
        *(b"", b"\x00\xff no JSON", b'"\\ud83d"', b"[" * 9999),
    ],
    ids=["an order", "nothing", "no text", "half an emoji", "too deep"],
)  # fmt: skip
def test_a_delivery_is_kept_as_it_came_and_answered_202_whatever_it_says(
    sender: Sender, url: str, merchant: User, body: bytes
) -> None:
    assert sender.post(url, body).status_code == 202
    delivery = Delivery.objects.get()
    assert bytes(delivery.body) == body
    assert (delivery.tenant, delivery.kind, delivery.state) == (merchant, "orders", "waiting")


def test_it_is_processed_after_the_commit(
    sender: Sender,
    url: str,
    woken: list[Hint],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sender.post(url, ORDER)
        assert not Order.objects.exists()
    assert Hint.PROCESS_DELIVERIES in woken


@pytest.mark.django_db(transaction=True)
def test_a_webhook_costs_one_statement_and_a_look_for_a_tenant_that_is_not_remembered(
    sender: Sender, url: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number, verbs in enumerate((["SELECT", "INSERT"], ["INSERT"], ["INSERT"])):
        with django_assert_num_queries(len(verbs)) as asked:
            sender.post(url, {**ORDER, "id": number % 2})
        assert [query["sql"].split()[0] for query in asked.captured_queries] == verbs


def deliver_at_once(sender: Sender, url: str, *, times: int) -> Counter[int]:
    """Post one delivery so often, from as many connections as there are senders; count answers."""

    def deliver(number: int) -> list[int]:
        each = Sender(sender.private_key, Client())
        mine = range(number, times, SENDERS)
        answers = [each.send("POST", url, body, headers=signed).status_code for _ in mine]
        inbox.sweep(seconds=600)
        return answers

    body = json.dumps(ORDER).encode()
    signed = {"X-Alloy-Signature": sender.sign("POST", url, body)}
    answers = at_once(SENDERS, deliver)
    inbox.sweep(seconds=600)
    return Counter(status for statuses in answers for status in statuses)


def let_a_month_pass() -> None:
    """Move everything that is remembered of deliveries into the past, and forget what is due."""
    long_ago = timezone.now() - timedelta(days=31)
    Delivery.objects.update(received_at=long_ago, processed_at=long_ago)
    retention.prune()


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
    webhooks.public_key_source.cache_clear()
    cache.clear()
    assert deliver_at_once(sender, url, times=REPEATS) == {200: REPEATS}
    order.refresh_from_db()
    assert (Order.objects.count(), order.status) == (1, Status.SHIPPED)
    assert (Message.objects.count(), StatusChange.objects.count()) == (1, 1)
    assert {call.path for call in alloy.calls} == {"/security/alloy_public_key.pem"}
    assert len(alloy.calls) <= 2, "once, and once more after the caches were flushed"


def test_what_waits_and_what_is_a_dead_letter_is_kept_however_old(sender: Sender, url: str) -> None:
    for number, state in enumerate((Delivery.State.WAITING, Delivery.State.DEAD)):
        sender.post(url, {**ORDER, "id": number})
        Delivery.objects.filter(pk=Delivery.objects.latest("pk").pk).update(state=state)
    let_a_month_pass()
    assert Delivery.objects.count() == 2


@pytest.mark.postgresql
def test_two_orders_that_differ_in_one_digit_stay_two_and_so_do_two_merchants(
    sender: Sender, url: str, merchant: User, other_merchant: User
) -> None:
    sender.post(url, ORDER)
    sender.post(url, {**ORDER, "id": 119})
    sender.post(url_of("orders", f"userId={make_ready(other_merchant).user_id}"), ORDER)
    inbox.sweep(seconds=600)
    owners = Order.objects.order_by("pk").values_list("merchant", flat=True)
    assert list(owners) == [merchant.pk, merchant.pk, other_merchant.pk]


@pytest.mark.parametrize(
    "query", ["", "userId=", "userId=%7BuserId%7D", "userId={userId}", "userId={{user.id}}"]
)
def test_what_only_a_header_attributes_belongs_to_nobody(
    sender: Sender, alloy_user: AlloyUser, query: str
) -> None:
    url = url_of("orders", query)
    assert (
        sender.post(url, ORDER, headers={"X-Alloy-UserId": alloy_user.user_id}).status_code == 202
    )
    inbox.sweep(seconds=600)
    delivery = Delivery.objects.get()
    assert (delivery.tenant, delivery.hinted_user_id) == (None, alloy_user.user_id)
    assert (delivery.state, Order.objects.count()) == ("dead", 0)
    assert "Put ?userId={userId} into the URL" in delivery.error


def test_neither_headers_nor_a_user_id_in_the_stores_json_say_whose_a_delivery_is(
    sender: Sender, url: str, merchant: User, other_merchant: User
) -> None:
    theirs = make_ready(other_merchant).user_id
    order = {**ORDER, "userId": theirs, "user_id": 7}
    other = {"X-Alloy-UserId": theirs, "X-Alloy-ExecutionUuid": "x"}
    answers = [sender.post(url, order, headers=headers).status_code for headers in ({}, other)]
    assert (answers, Delivery.objects.get().tenant) == ([202, 200], merchant)


@pytest.mark.postgresql
def test_the_headers_that_came_with_it_are_kept_for_the_operator(sender: Sender, url: str) -> None:
    names = {"X-Alloy-WorkflowId": "w1", "X-Alloy-BlockName": "\0", "X-Alloy-BlockType": "y" * 999}
    sender.post(url, ORDER, headers=names)
    assert Delivery.objects.get().hints == {"WorkflowId": "w1", "BlockType": "y" * 200}


@pytest.mark.parametrize("header", ["X-Request-ID", "X-Correlation-ID"])
def test_an_endless_id_from_outside_does_not_keep_a_delivery_out(
    sender: Sender, url: str, header: str
) -> None:
    assert sender.post(url, ORDER, headers={header: "x" * 5000}).status_code == 202
    assert len(Delivery.objects.get().correlation_id) <= 64


@pytest.mark.parametrize("middleware", [True, False])
def test_neither_a_login_nor_a_csrf_token_is_asked_for(
    sender: Sender, url: str, settings: Settings, middleware: bool
) -> None:
    ours = "integrations.webhooks.WebhookMiddleware"
    assert ours in settings.MIDDLEWARE
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if middleware or each != ours]
    sender.client = Client(enforce_csrf_checks=True)
    answer = sender.post(url, ORDER)
    assert (answer.status_code, answer["Content-Length"]) == (202, str(len(answer.content)))


INSTALLED: dict[str, Any] = {"integrationId": "i", "workflowIds": ["w"], "success": True}


@pytest.mark.postgresql
@pytest.mark.parametrize("state", ["processed", "dead"])
def test_an_installation_makes_the_page_look_again_each_time_it_is_told(
    sender: Sender, alloy_user: AlloyUser, state: str
) -> None:
    snapshot = IntegrationsSnapshot.objects.create(alloy_user=alloy_user)
    told = []
    for _ in range(2):
        sender.post(url_of("installations"), {**INSTALLED, "userId": alloy_user.user_id})
        assert inbox.sweep(seconds=600) == 1
        snapshot.refresh_from_db()
        told.append(snapshot.changed_at)
        Delivery.objects.update(state=state)
    assert None not in told
    assert told[0] != told[1]
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    "odd", [{}, {"workflowIds": "w"}, {"workflowIds": None, "success": None}, {"success": "done"}]
)
def test_an_installation_is_read_whatever_it_says_beside_its_ids(
    sender: Sender, alloy_user: AlloyUser, odd: dict[str, Any]
) -> None:
    body = {"userId": alloy_user.user_id, "integrationId": "i", **odd}
    assert sender.post(url_of("installations"), body).status_code == 202
    inbox.sweep(seconds=600)
    assert Delivery.objects.get().state == "processed"


def test_the_urls_to_paste_are_the_urls_that_work(sender: Sender, alloy_user: AlloyUser) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "installations": {**INSTALLED, "userId": alloy_user.user_id},
        "orders": ORDER,
        "errors": {"workflowId": "w", "executionId": "e"},
    }
    for each in destinations():
        url = each.url.replace("{userId}", alloy_user.user_id)
        answer = sender.post(url, bodies[each.kind])
        assert (each.kind, answer.status_code) == (each.kind, 202), json.loads(answer.content)
    inbox.sweep(seconds=600)
    assert set(Delivery.objects.values_list("tenant", "state")) == {
        (alloy_user.tenant_id, "processed")
    }


@pytest.mark.parametrize(
    "query",
    [
        *("a=1&userId={user}&b=2", "b=2&userId={user}&a=1"),
        *("userId={user}&note=a%40b%20c+d%2Fe", "userId={user}&empty=&flag&umlaut=%C3%BC"),
    ],
)
def test_the_query_counts_as_it_came(sender: Sender, alloy_user: AlloyUser, query: str) -> None:
    url = f"{BASE}{PATH}?{query.format(user=alloy_user.user_id)}"
    assert sender.post(url, ORDER).status_code == 202
    assert sender.post(url.replace("/?", "?"), ORDER).status_code == 200


@pytest.mark.parametrize(
    "base",
    [
        *("http://localhost:8000", "https://acme.example:443", "https://ACME.example"),
        *("https://acme.example/shop", "https://acme.example/a/b%20c", "https://acme.example/"),
    ],
)
def test_the_configured_origin_counts_and_not_the_one_that_arrives(
    sender: Sender, alloy_user: AlloyUser, settings: Settings, base: str
) -> None:
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_BASE_URL": base}
    settings.ALLOWED_HOSTS = ["*"]
    url = f"{base.rstrip('/')}{PATH}?userId={alloy_user.user_id}"
    prefix = base.rstrip("/").partition("://")[2].partition("/")[2]
    spoofed = {"Host": "inside:8000", "X-Forwarded-Host": "x", "X-Forwarded-Proto": "http"}
    answer = sender.post(url, ORDER, headers=spoofed, prefix=f"/{prefix}" if prefix else "")
    assert answer.status_code == 202


def test_a_prefix_that_the_server_knows_of_is_not_counted_twice(
    sender: Sender, alloy_user: AlloyUser, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_BASE_URL": "https://acme.example/shop"}
    settings.FORCE_SCRIPT_NAME = "/shop"
    url = f"https://acme.example/shop{PATH}?userId={alloy_user.user_id}"
    assert sender.post(url, ORDER, prefix="/shop").status_code == 202
    raw: dict[str, Any] = {
        "RAW_URI": f"/shop{PATH}?userId={alloy_user.user_id}",
        "SCRIPT_NAME": "/shop",
    }
    assert sender.post(url, ORDER, prefix="/shop", **raw).status_code == 200


@pytest.mark.parametrize("name", ["RAW_URI", "REQUEST_URI"])
def test_a_path_that_was_encoded_on_the_way_is_not_the_one_that_was_signed(
    sender: Sender, url: str, name: str
) -> None:
    sent = url.removeprefix(BASE)
    for raw, status in (
        (sent, 202),
        (f"http://testserver{sent}", 200),
        (sent.replace("orders", "%6Frders"), 401),
    ):
        environ: dict[str, Any] = {name: raw}
        assert sender.post(url, ORDER, **environ).status_code == status


def test_a_token_with_characters_that_urls_may_hold_works(
    sender: Sender, alloy_user: AlloyUser, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_TOKENS": ["a-token_with.all~of~them"]}
    url = url_of("orders", f"userId={alloy_user.user_id}", token="a-token_with.all~of~them")
    assert sender.post(url, ORDER).status_code == 202
