"""Whose a delivery is, and what happens to news of somebody who is no longer here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

from integrations.contrib.privacy.services import Requester, account_erase
from integrations.inbox import registry, webhooks
from integrations.inbox.registry import Receiver
from integrations.models import Delivery
from orders.models import Order
from tests.integrations.conftest import make_ready
from tests.integrations.inbox.steps import ORDER, Sender, url_of

if TYPE_CHECKING:
    from accounts.models import User
    from integrations.models import AlloyUser

NOBODY = 999_999


class OrderWithAUserId(BaseModel):
    """An order of a store that has user ids of its own."""

    id: int
    user_id: str | int


@pytest.mark.django_db
@pytest.mark.parametrize("of_the_store", ["other", 7])
def test_a_user_id_in_the_stores_own_json_says_nothing_about_the_tenant(
    sender: Sender,
    alloy_user: AlloyUser,
    other_merchant: User,
    monkeypatch: pytest.MonkeyPatch,
    of_the_store: str | int,
) -> None:
    other = make_ready(other_merchant)
    receiver = Receiver(model=OrderWithAUserId, process=lambda *_: None)
    monkeypatch.setitem(registry._receivers, "orders", receiver)
    user_id = other.user_id if of_the_store == "other" else of_the_store
    url = url_of("orders", f"userId={alloy_user.user_id}")
    assert sender.post(url, {"id": 1, "user_id": user_id}).status_code == 202
    assert Delivery.objects.get().tenant_id == alloy_user.tenant_id


@pytest.mark.django_db
def test_a_kind_that_no_app_takes_is_put_off_with_a_sentence(
    sender: Sender, alloy_user: AlloyUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(registry._receivers, "orders")
    answer = sender.post(url_of("orders", f"userId={alloy_user.user_id}"), ORDER)
    assert (answer.status_code, Delivery.objects.count()) == (503, 0)
    assert b"No app here takes orders" in answer.content


@pytest.mark.django_db
def test_news_of_an_erased_merchant_are_refused_and_kept_nowhere(
    sender: Sender, alloy_user: AlloyUser, merchant: User
) -> None:
    url = url_of("orders", f"userId={alloy_user.user_id}")
    assert sender.post(url, ORDER).status_code == 202
    account_erase(tenant=merchant, requested_by=Requester.MERCHANT)
    assert sender.post(url, ORDER).status_code == 404
    assert (Delivery.objects.count(), Order.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_news_of_a_merchant_who_leaves_at_that_moment_are_refused_as_well(
    sender: Sender, alloy_user: AlloyUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "_tenant_of", lambda _: NOBODY)
    answer = sender.post(url_of("orders", f"userId={alloy_user.user_id}"), ORDER)
    assert (answer.status_code, Delivery.objects.count()) == (404, 0)
