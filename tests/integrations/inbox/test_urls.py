"""The signature covers the URL that Alloy was told to post to, not the one a proxy makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integrations.inbox.steps import BASE, ORDER, TOKEN, Sender

if TYPE_CHECKING:
    from pytest_django import Settings

    from integrations.models import AlloyUser

pytestmark = pytest.mark.django_db

PATH = f"/webhooks/alloy/{TOKEN}/orders/"


@pytest.mark.parametrize(
    "query",
    [
        "userId={user}",
        "a=1&userId={user}&b=2",
        "b=2&userId={user}&a=1",
        "userId={user}&note=a%40b%20c+d%2Fe",
        "userId={user}&empty=&flag",
        "userId={user}&umlaut=%C3%BC",
    ],
)
def test_the_query_counts_as_it_came(sender: Sender, alloy_user: AlloyUser, query: str) -> None:
    url = f"{BASE}{PATH}?{query.format(user=alloy_user.user_id)}"
    assert sender.post(url, ORDER).status_code == 202


@pytest.mark.parametrize(
    "base",
    [
        "http://localhost:8000",
        "https://acme.example:8443",
        "https://acme.example:443",
        "https://ACME.example",
        "https://acme.example/shop",
        "https://acme.example/a/b%20c",
        "https://acme.example/",
    ],
)
def test_the_configured_origin_counts_and_not_the_one_that_arrives(
    sender: Sender, alloy_user: AlloyUser, settings: Settings, base: str
) -> None:
    settings.ALLOY_WEBHOOK_BASE_URL = base
    settings.ALLOWED_HOSTS = ["*"]
    url = f"{base.rstrip('/')}{PATH}?userId={alloy_user.user_id}"
    prefix = base.rstrip("/").partition("://")[2].partition("/")[2]
    spoofed = {"Host": "inside:8000", "X-Forwarded-Host": "x", "X-Forwarded-Proto": "http"}
    answer = sender.post(url, ORDER, headers=spoofed, prefix=f"/{prefix}" if prefix else "")
    assert answer.status_code == 202


def test_a_prefix_that_the_server_knows_of_is_not_counted_twice(
    sender: Sender, alloy_user: AlloyUser, settings: Settings
) -> None:
    settings.ALLOY_WEBHOOK_BASE_URL = "https://acme.example/shop"
    settings.FORCE_SCRIPT_NAME = "/shop"
    url = f"https://acme.example/shop{PATH}?userId={alloy_user.user_id}"
    assert sender.post(url, ORDER, prefix="/shop").status_code == 202


def test_a_token_with_characters_that_urls_may_hold_works(
    sender: Sender, alloy_user: AlloyUser, settings: Settings
) -> None:
    settings.ALLOY_WEBHOOK_TOKENS = ["a-token_with.all~of+them=="]
    url = f"{BASE}/webhooks/alloy/a-token_with.all~of+them==/orders/?userId={alloy_user.user_id}"
    assert sender.post(url, ORDER).status_code == 202
