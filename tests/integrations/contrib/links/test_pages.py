"""Sending a link to a colleague."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from integrations.contrib.links.models import InstallLink
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.pages.conftest import BIGCOMMERCE, alloy_user, integrations, version_in
from tests.pages import HTMX

__all__ = ["alloy_user", "integrations"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alloy_user")]

ID = BIGCOMMERCE["integrationId"]
MAKE = f"/integrations/{ID}/links/"
URL = "https://app.runalloy.com/embedded-install?integrationId=i&token=eyJhbGciOiJIUzI1NiJ9.e30.c2"


@pytest.fixture(autouse=True)
def _alloy_makes_links(alloy: FakeAlloy) -> None:
    alloy.fail_always("/install-url", Reply(body={"url": URL}))
    alloy.fail_always("/logs", Reply(body={"data": []}))


def test_the_link_is_shown_once_and_kept_out_of_caches_and_referrers(
    merchant_client: Client,
) -> None:
    answer = merchant_client.post(MAKE)
    assert URL.replace("&", "&amp;") in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"
    assert "eyJ" not in merchant_client.get(f"/integrations/{ID}/").content.decode()


def test_the_page_turns_to_installed_by_itself(merchant_client: Client) -> None:
    merchant_client.post(MAKE)
    link = InstallLink.objects.get()
    state = f"{MAKE}{link.pk}/"
    version = {"version": version_in(merchant_client.get(state, headers=HTMX).content.decode())}
    assert merchant_client.get(state, version, headers=HTMX).status_code == 204
    InstallLink.objects.update(used_at=timezone.now())
    assert b"Installed." in merchant_client.get(state, version, headers=HTMX).content


def test_an_expired_link_is_said_to_be(merchant_client: Client) -> None:
    merchant_client.post(MAKE)
    InstallLink.objects.update(expires_at=timezone.now())
    link = InstallLink.objects.get()
    assert b"Expired." in merchant_client.get(f"{MAKE}{link.pk}/", headers=HTMX).content
    assert b"Expired" in merchant_client.get(f"/integrations/{ID}/").content


def test_a_link_that_cannot_be_made_is_a_notice(alloy: FakeAlloy, merchant_client: Client) -> None:
    alloy.fail_always("/install-url", Reply(503))
    answer = merchant_client.post(MAKE, follow=True)
    assert b"No link to BigCommerce could be made" in answer.content
    assert not InstallLink.objects.exists()
