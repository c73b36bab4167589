"""What can be tried again and again cannot be tried for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.test import Client

from integrations import rate_limits
from tests.integrations.conftest import _fake_alloy, alloy, make_ready, woken

if TYPE_CHECKING:
    from accounts.models import User
    from tests.integrations.fake_alloy import FakeAlloy

__all__ = ["_fake_alloy", "alloy", "woken"]

pytestmark = pytest.mark.django_db

INTEGRATION = "63ea758e82c3074141968bb9"


@pytest.fixture(autouse=True)
def _nothing_counted_before_or_after() -> Iterator[None]:
    cache.clear()
    rate_limits.forget_all()
    yield
    cache.clear()
    rate_limits.forget_all()


def test_a_password_cannot_be_guessed_for_ever(client: Client, merchant: User) -> None:
    for _ in range(5):
        client.post("/accounts/login/", {"login": merchant.email, "password": "wrong"})
    right = {"login": merchant.email, "password": "a long pass phrase"}
    answer = client.post("/accounts/login/", right)
    assert answer.status_code == 200
    assert b"Too many failed login attempts" in answer.content
    assert "_auth_user_id" not in client.session


def test_accounts_cannot_be_made_by_the_hundred(client: Client) -> None:
    statuses = [
        client.post("/accounts/signup/", {"email": "not an address"}).status_code for _ in range(61)
    ]
    assert statuses == [200] * 60 + [429]


def test_tokens_for_the_modal_are_not_made_in_a_loop(
    alloy: FakeAlloy, woken: object, merchant: User, merchant_client: Client
) -> None:
    make_ready(merchant)
    alloy.integrations = [
        {"integrationId": INTEGRATION, "app": "BigCommerce", "installed": False, "workflows": []}
    ]
    connect = f"/integrations/{INTEGRATION}/connect/"
    answers = [merchant_client.post(connect, headers={"HX-Request": "true"}) for _ in range(21)]
    assert all(b"data-alloy-token" in answer.content for answer in answers[:20])
    assert b"data-alloy-token" not in answers[20].content
    assert b"too often" in answers[20].content
    assert sum(call.path.endswith("/token") for call in alloy.calls) == 20


def test_a_flood_of_refused_webhooks_is_answered_429_and_no_longer_logged(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    url = "/webhooks/alloy/wrong/orders/"
    statuses = [
        client.post(url, b"{}", content_type="application/json").status_code for _ in range(301)
    ]
    assert statuses == [404] * 300 + [429]
    assert sum("webhook_refused" in record.getMessage() for record in caplog.records) == 300
