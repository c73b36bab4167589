from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from integrations.alloy import Credential
from integrations.contrib.connectivity import connectors
from integrations.contrib.connectivity.client import ConnectivityClient
from integrations.contrib.connectivity.models import Connection
from integrations.contrib.connectivity.services import connections_check
from tests.integrations.contrib.connectivity.surroundings import connect, give_alloy_user
from tests.pages import html_of
from tests.services.sandbox import Sandbox

pytestmark = pytest.mark.django_db

LIST, PAGE = "/integrations/", "/integrations/connections/"


@pytest.fixture
def notion(known_merchant: User, at_sandbox: Sandbox) -> str:
    """Where the merchant's Notion account is disconnected."""
    return f"{PAGE}{connect(known_merchant, 'notion', sandbox=at_sandbox)}/disconnect/"


def test_all_services_are_in_the_catalogue_with_a_button_each(client: Client) -> None:
    html = html_of(client, f"{LIST}?show=96")
    for service in ("Notion", "Slack", "Google Drive", "HubSpot", "Shopify"):
        assert f">{service}</a></h" in html
    assert f'action="{PAGE}connect/googleDrive/"' in html


def test_the_old_list_leads_to_the_catalogue(client: Client) -> None:
    assert client.get(PAGE).headers["Location"] == LIST
    assert client.get(f"{PAGE}?q=Not ion").headers["Location"] == f"{LIST}?q=Not+ion"


def test_the_list_is_read_once_for_everybody(
    client: Client, at_sandbox: Sandbox, other_merchant_client: Client, other_merchant: User
) -> None:
    give_alloy_user(other_merchant)
    for each in (client, other_merchant_client, client):
        html_of(each, LIST)
    read = [call for call in at_sandbox.requests() if call["path"].rstrip("/") == "/connectors"]
    assert len(read) == 1


def test_alloy_being_down_leaves_the_page_and_the_accounts(
    client: Client, at_sandbox: Sandbox, notion: str
) -> None:
    connectors._copies.clear()
    at_sandbox.misbehave("/connectors", status=503)
    html = html_of(client, LIST)
    assert "some services may be missing" in html
    assert "Disconnect…" in html


def test_a_service_of_its_own_says_what_is_done_there_and_shows_its_accounts(
    client: Client, notion: str
) -> None:
    html = html_of(client, "/integrations/service/notion/")
    assert "A page for each meeting" in html
    assert "Disconnect…" in html
    assert "Nothing here works with Airtable yet" in html_of(
        client, "/integrations/service/airtable/"
    )
    assert client.get("/integrations/service/nonsense/").status_code == 404


def test_a_service_with_an_integration_has_one_page(client: Client) -> None:
    page = client.get("/integrations/service/slack/", follow=True)
    assert page.redirect_chain[0][0].startswith("/integrations/")
    html = page.content.decode()
    assert "A message for each meeting" in html
    assert f'action="{PAGE}connect/slack/"' in html


def test_disconnecting_asks_once_and_takes_the_credential_back(
    client: Client, at_sandbox: Sandbox, notion: str
) -> None:
    assert "Disconnect notion?" in html_of(client, notion)
    assert Connection.objects.exists()
    client.post(notion)
    assert not Connection.objects.exists()
    deleted = [call for call in at_sandbox.requests() if call["method"] == "DELETE"]
    assert [call["status"] for call in deleted] == [200]


def test_what_is_gone_at_alloy_already_can_be_removed(
    client: Client, at_sandbox: Sandbox, notion: str, user_id: str
) -> None:
    at_sandbox.revoke(user_id, Connection.objects.get().credential_id)
    client.post(notion)
    assert not Connection.objects.exists()


def test_what_alloy_cannot_disconnect_now_stays(
    client: Client, at_sandbox: Sandbox, notion: str
) -> None:
    at_sandbox.misbehave("/connectors", status=503)
    html = client.post(notion, follow=True).content.decode()
    assert "could not be disconnected" in html
    assert Connection.objects.exists()


def test_checking_finds_what_was_taken_back_at_alloy(
    client: Client, at_sandbox: Sandbox, known_merchant: User, user_id: str
) -> None:
    connect(known_merchant, "notion", sandbox=at_sandbox, account="Acme HQ")
    connect(known_merchant, "notion", sandbox=at_sandbox, account="Acme Europe")
    first, second = Connection.objects.order_by("pk")
    at_sandbox.revoke(user_id, first.credential_id)
    html = client.post(f"{LIST}check/", follow=True).content.decode()
    assert html.count("No longer connected") == 1
    assert [each.is_alive for each in Connection.objects.order_by("pk")] == [False, True]
    assert second.is_alive


def test_an_account_that_is_connected_while_alloy_is_asked_stays_connected(
    at_sandbox: Sandbox, known_merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(known_merchant, "notion", sandbox=at_sandbox, account="Acme HQ")
    listed = ConnectivityClient.list_connector_credentials

    def connected_meanwhile(self: ConnectivityClient, **of: str) -> list[Credential]:
        answer = listed(self, **of)
        connect(known_merchant, "notion", sandbox=at_sandbox, account="Acme Europe")
        return answer

    monkeypatch.setattr(ConnectivityClient, "list_connector_credentials", connected_meanwhile)
    connections_check(tenant=known_merchant)
    assert [each.is_alive for each in Connection.objects.order_by("pk")] == [True, True]


def test_accounts_of_another_environment_are_not_shown(
    client: Client, at_sandbox: Sandbox, known_merchant: User
) -> None:
    connect(known_merchant, "notion", sandbox=at_sandbox)
    Connection.objects.update(environment="another")
    assert "Disconnect…" not in html_of(client, LIST)
