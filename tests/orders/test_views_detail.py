from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations.alloy import Integration
from integrations.models import Attempt, IntegrationsSnapshot, Message
from orders import services
from orders.models import Order, Status
from tests.integrations.conftest import make_ready
from tests.pages import html_of, poll


@pytest.fixture
def order(merchant: User) -> Order:
    return Order.objects.create(merchant=merchant, external_id="118", customer_name="<b>Ada</b>")


def url_of(order: Order) -> str:
    return f"/orders/{order.pk}/"


def test_what_the_store_sent_is_escaped(order: Order, merchant_client: Client) -> None:
    html = html_of(merchant_client, url_of(order))
    assert "&lt;b&gt;Ada&lt;/b&gt;" in html
    assert "<b>Ada" not in html


def test_setting_a_status_leads_back_and_says_so(order: Order, merchant_client: Client) -> None:
    answer = merchant_client.post(url_of(order), {"status": "FULFILLED"}, follow=True)
    html = answer.content.decode()
    assert answer.redirect_chain == [(url_of(order), 302)]
    assert "Order 118 is now fulfilled." in html
    assert '<option value="FULFILLED" selected>' in html
    assert "Waiting to be sent" in html


def test_setting_the_same_status_again_changes_nothing_and_says_so(
    order: Order, merchant_client: Client
) -> None:
    for _ in range(2):
        answer = merchant_client.post(url_of(order), {"status": "PACKED"}, follow=True)
    assert "was packed already" in answer.content.decode()
    assert order.changes.count() == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"status": "NOPE"}, "There is no status “NOPE”."),
        ({"status": ""}, "Choose a status."),
        ({}, "Choose a status."),
    ],
)
def test_a_status_that_does_not_exist_is_refused_on_the_page(
    order: Order, merchant_client: Client, sent: dict[str, str], said: str
) -> None:
    answer = merchant_client.post(url_of(order), sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert '<option value="RECEIVED" selected>' in html
    assert not order.changes.exists()


def test_other_methods_are_refused(order: Order, merchant_client: Client) -> None:
    assert merchant_client.delete(url_of(order)).status_code == 405


def test_the_timeline_tells_who_did_what_and_every_try(
    order: Order, merchant: User, operator: User, merchant_client: Client
) -> None:
    services.order_change_status(order=order, status=Status.PICKING, changed_by=operator)
    services.order_change_status(order=order, status=Status.PACKED, changed_by=merchant)
    message = Message.objects.get(name="Fulfillment Updated", sequence=1)
    failed = {"outcome": Attempt.Outcome.TEMPORARY, "status": 503, "error": "Alloy answered 503"}
    Attempt.objects.create(message=message, number=1, seconds=1.25, **failed)
    html = html_of(merchant_client, url_of(order))
    assert "503" not in html
    assert html.index("Received from your store") < html.index("by Olga") < html.index("by you")


def test_a_poll_is_answered_only_when_something_happened(
    order: Order, merchant: User, merchant_client: Client
) -> None:
    services.order_change_status(order=order, status=Status.PACKED, changed_by=merchant)
    page = html_of(merchant_client, url_of(order))
    assert poll(merchant_client, page).status_code == 204
    Message.objects.update(state=Message.State.DELIVERED, settled_at=timezone.now())
    html = poll(merchant_client, page).content.decode()
    assert "Handed to Alloy at" in html
    assert "<form" not in html


def test_the_page_asks_often_only_while_something_is_under_way(
    order: Order, merchant: User, merchant_client: Client
) -> None:
    services.order_change_status(order=order, status=Status.PACKED, changed_by=merchant)
    assert "every 2s" in html_of(merchant_client, url_of(order))
    Message.objects.update(state=Message.State.DEAD, settled_at=timezone.now())
    assert "every 10s" in html_of(merchant_client, url_of(order))


def test_a_status_that_is_set_while_its_workflow_is_paused_says_that_nothing_was_run(
    order: Order, merchant: User, merchant_client: Client
) -> None:
    alloy_user = make_ready(merchant)
    block: dict[str, Any] = {"blockId": "b", "name": "Event", "type": "customEvent"}
    paused = workflow("w1", active=False) | {"blocks": [block]}
    streams = workflow("w2") | {"blocks": [block | {"type": "streamData"}]}
    store: dict[str, Any] = {"integrationId": "i", "app": "BigCommerce", "installed": True}
    store["workflows"] = [paused, streams]
    IntegrationsSnapshot.objects.create(
        alloy_user=alloy_user,
        data=[Integration.model_validate(store).model_dump(mode="json")],
        fetched_at=timezone.now(),
        paused_since={"w1": timezone.now().isoformat()},
    )
    services.order_change_status(order=order, status=Status.PACKED, changed_by=merchant)
    Message.objects.update(state=Message.State.DELIVERED, settled_at=timezone.now())
    for url in (url_of(order), "/orders/"):
        html = html_of(merchant_client, url)
        assert "Paused, so nothing was run" in html
        assert "Handed to Alloy" not in html


def workflow(workflow_id: str, *, active: bool = True) -> dict[str, Any]:
    versions = {"version": 1, "installedVersion": 1}
    return {"workflowId": workflow_id, "installed": True, "active": active, **versions}
