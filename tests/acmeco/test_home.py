from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations.models import AlloyUser, IntegrationsSnapshot, Message
from orders import services
from orders.models import Order, Status
from tests.pages import html_of, poll

STEPS = ("Your account is", "Connect your BigCommerce", "Place a test order", "Set its fulfillment")


@pytest.fixture
def ready(merchant: User) -> AlloyUser:
    """The merchant's Alloy user exists, and a fresh copy says that nothing is connected."""
    alloy_user = AlloyUser.objects.get(tenant=merchant)
    alloy_user.user_id = "user-1"
    alloy_user.save()
    IntegrationsSnapshot.objects.create(alloy_user=alloy_user, fetched_at=timezone.now())
    return alloy_user


def connect(alloy_user: AlloyUser, *, active: bool = True) -> None:
    workflow = {"workflow_id": "w1", "installed": True, "active": active}
    integration: dict[str, Any] = {
        "integration_id": "i1",
        "app": "BigCommerce",
        "installed": True,
        "workflows": [workflow],
    }
    IntegrationsSnapshot.objects.filter(alloy_user=alloy_user).update(data=[integration])


def done_steps(html: str) -> list[bool]:
    return [each == "done" for each in re.findall(r'">: (done|to do)</span></h3>', html)]


def home(client: Client) -> str:
    return html_of(client, "/")


def test_a_stranger_reads_what_acmeco_is_and_may_sign_up_or_log_in(client: Client) -> None:
    html = home(client)
    assert 'href="/accounts/signup/"' in html
    assert 'href="/accounts/login/"' in html


def test_at_first_nothing_is_done(merchant_client: Client) -> None:
    html = home(merchant_client)
    assert [step in html for step in STEPS] == [True] * 4
    assert done_steps(html) == [False] * 4
    assert "is being set up" in html


@pytest.mark.usefixtures("ready")
def test_a_ready_account_is_done_and_connecting_comes_next(merchant_client: Client) -> None:
    html = home(merchant_client)
    assert done_steps(html) == [True, False, False, False]
    assert re.search(r'class="button primary" href="/integrations/"', html)


def test_the_steps_follow_what_is_really_there(
    ready: AlloyUser, merchant: User, merchant_client: Client
) -> None:
    connect(ready)
    assert done_steps(home(merchant_client)) == [True, True, False, False]
    order = Order.objects.create(merchant=merchant, external_id="118")
    assert done_steps(home(merchant_client)) == [True, True, True, False]
    services.order_change_status(order=order, status=Status.PACKED, changed_by=merchant)
    html = home(merchant_client)
    assert done_steps(html) == [], "what is done is not shown for ever"
    assert "Everything runs: BigCommerce connected" in html
    assert f'href="/orders/{order.pk}/">Order 118</a>' in html


def test_an_integration_that_does_not_run_is_said_with_the_button_that_helps(
    ready: AlloyUser, merchant_client: Client
) -> None:
    connect(ready, active=False)
    html = home(merchant_client)
    assert "BigCommerce is paused" in html
    assert 'action="/integrations/i1/resume/"' in html
    assert "Everything runs" not in html


def test_orders_are_counted_by_status(merchant: User, merchant_client: Client) -> None:
    for number in range(3):
        Order.objects.create(merchant=merchant, external_id=str(number), status=Status.PACKED)
    assert "<span>Packed</span><strong>3</strong>" in home(merchant_client)


def test_an_undelivered_status_is_shown_as_a_problem(
    merchant: User, merchant_client: Client
) -> None:
    order = Order.objects.create(merchant=merchant, external_id="118")
    services.order_change_status(order=order, status=Status.PACKED, changed_by=merchant)
    assert "does not know the latest status" not in home(merchant_client)
    Message.objects.filter(name="Fulfillment Updated").update(
        state=Message.State.DEAD, settled_at=timezone.now()
    )
    html = home(merchant_client)
    assert "does not know the latest status" in html
    assert f'href="/orders/{order.pk}/">Order 118</a>' in html


def test_a_poll_is_answered_only_when_something_changed(
    merchant: User, merchant_client: Client
) -> None:
    page = home(merchant_client)
    assert poll(merchant_client, page).status_code == 204
    Order.objects.create(merchant=merchant, external_id="118")
    answer = poll(merchant_client, page)
    assert answer.status_code == 200
    assert b"<html" not in answer.content


def test_someone_elses_orders_are_not_counted(
    merchant: User, other_merchant_client: Client
) -> None:
    Order.objects.create(merchant=merchant, external_id="118")
    assert "<span>Received</span><strong>0</strong>" in home(other_merchant_client)
