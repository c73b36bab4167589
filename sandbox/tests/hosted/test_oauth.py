"""The page behind the OAuth URL of a headless installation."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client

from alloy_sandbox.core.models import Integration, User

KEY = {"authorization": "bearer sandbox_x"}


def oauth_url(client: Client, user: User, **params: str) -> str:
    query = {"userId": user.user_id, "app": "shopify", **params}
    url: str = client.get("/headless/oauthUrl", query, headers=KEY).json()["oauthUrl"]
    return urlsplit(url)._replace(scheme="", netloc="").geturl()


def test_logging_in_leaves_the_credential_that_a_headless_installation_needs(
    browser_client: Client, user: User, bigcommerce: Integration
) -> None:
    page = oauth_url(browser_client, user, shopSubdomain="mias-mugs")
    found = browser_client.get(page)
    assert found.status_code == 200
    assert b'value="mias-mugs"' in found.content
    assert not user.credentials.exists()
    done = browser_client.post(page, {"step": "log-in", "shopSubdomain": "mias-mugs"})
    assert b"Shopify is connected" in done.content
    credential = user.credentials.get()
    assert (credential.type, credential.name) == ("shopify", "Shopify mias-mugs")
    body = {"userId": user.user_id, "integrationId": "Shopify"}
    started = browser_client.post(
        "/headless/startInstallation", body, content_type="application/json", headers=KEY
    )
    assert started.status_code == 200
    assert not user.installations.exists()


def test_what_is_asked_for_must_be_given(
    browser_client: Client, user: User, bigcommerce: Integration
) -> None:
    assert browser_client.post(oauth_url(browser_client, user), {}).status_code == 422
    assert not user.credentials.exists()


@pytest.mark.parametrize(
    "page", ["/api/strategy/nothing/authorize?userId={user}", "/api/strategy/shopify/authorize"]
)
def test_an_address_that_means_nothing_says_so(
    browser_client: Client, user: User, bigcommerce: Integration, page: str
) -> None:
    response = browser_client.get(page.format(user=user.user_id))
    assert response.status_code == 404
    assert b"GET /headless/oauthUrl" in response.content
