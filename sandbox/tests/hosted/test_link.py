"""The page behind an Alloy Link: alive until the integration is installed, or seven days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from alloy_sandbox.core.models import Integration, User
from alloy_sandbox.embedded import installing as services
from alloy_sandbox.hosted import steps

ANSWERS = {"step": "log-in", "storeHash": "mias-mugs", "accessToken": "a made-up secret"}


@pytest.fixture
def link(user: User, bigcommerce: Integration) -> str:
    return services.make_link(user=user, integration=bigcommerce)[1]


def install_by(client: Client, link: str, user: User) -> int:
    client.post(link, ANSWERS)
    credential = user.credentials.get()
    return client.post(link, {"step": "finish", "credential": credential.pk}).status_code


def test_a_link_installs_the_integration_for_its_user_once_however_often_it_is_opened(
    browser_client: Client, link: str, user: User, bigcommerce: Integration
) -> None:
    assert [browser_client.get(link).status_code for _ in range(3)] == [200, 200, 200]
    assert install_by(browser_client, link, user) == 200
    assert user.installations.count() == bigcommerce.workflows.count()
    response = browser_client.get(link)
    assert response.status_code == 410
    assert b"This link has been used" in response.content


def test_an_expired_link_is_gone_and_says_so(
    browser_client: Client, user: User, bigcommerce: Integration
) -> None:
    link = services.make_link(user=user, integration=bigcommerce, lifetime=-timedelta(seconds=1))[1]
    response = browser_client.get(link)
    assert response.status_code == 410
    assert b"This link has expired" in response.content
    assert browser_client.post(link, ANSWERS).status_code == 410


def test_an_unknown_link_is_a_404_page(browser_client: Client, seeded: None) -> None:
    response = browser_client.get("/embedded-install?token=made-up")
    assert response.status_code == 404
    assert b"This link is not known" in response.content


def test_of_two_windows_that_finish_at_once_the_second_installs_nothing(
    browser_client: Client, link: str, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    consume = services.consume_link

    def consumed_in_the_other_window(**found: object) -> None:
        consume(**found)  # type: ignore[arg-type]
        consume(**found)  # type: ignore[arg-type]

    monkeypatch.setattr(steps, "consume_link", consumed_in_the_other_window)
    assert install_by(browser_client, link, user) == 410
    assert not user.installations.exists()


def test_a_link_cannot_be_embedded(browser_client: Client, link: str) -> None:
    assert "frame-ancestors 'none'" in browser_client.get(link)["Content-Security-Policy"]


def test_the_users_own_token_does_not_open_the_link_page(
    browser_client: Client, user: User
) -> None:
    from alloy_sandbox.core.access import make_user_token

    response = browser_client.get(f"/embedded-install?token={make_user_token(user)}")
    assert response.status_code == 404
