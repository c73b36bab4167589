"""Connecting an account: to the consent page, and back by every way there is."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations.contrib.connectivity.client import Authentication
from integrations.contrib.connectivity.models import ConnectAttempt, Connection
from tests.integrations.contrib.connectivity.surroundings import give_alloy_user
from tests.pages import HTMX, logged_in
from tests.services.sandbox import Sandbox

pytestmark = pytest.mark.django_db

LIST, PAGE = "/integrations/", "/integrations/connections/"


def begin(client: Client, connector: str = "notion", **answers: str) -> str:
    """Click Connect; return the consent page's address."""
    answer = client.post(f"{PAGE}connect/{connector}/", answers)
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def address_to_return_to(page: str) -> str:
    """Return the address that the consent page was told."""
    return parse_qs(urlsplit(page).query)["redirectUri"][0]


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@pytest.fixture
def back(client: Client, at_sandbox: Sandbox) -> str:
    """The path by which the browser comes back from the consent page with an account."""
    return path_of(at_sandbox.consent(begin(client), account="Acme HQ"))


def check_refused(client: Client, back: str, status: int, said: str) -> None:
    """Come back, be told why that is of no use, and connect nothing."""
    answer = client.get(back)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert not Connection.objects.exists()


def test_the_browser_is_sent_to_the_consent_page_with_an_address_nobody_can_guess(
    client: Client, at_sandbox: Sandbox
) -> None:
    page = begin(client)
    back = at_sandbox.consent(page, account="Acme HQ")
    token = back.rstrip("/").rpartition("/")[2]
    assert page.startswith(f"{at_sandbox.url}/api/strategy/connector/notion/authorize?")
    assert back == f"http://testserver{PAGE}callback/{token}/"
    assert len(token) >= 40
    assert token not in str(ConnectAttempt.objects.values().get())


def test_consent_makes_a_connection_found_by_comparing(
    client: Client, at_sandbox: Sandbox, user_id: str
) -> None:
    earlier = at_sandbox.connect(user_id, "notion", "Acme Europe")
    back = path_of(at_sandbox.consent(begin(client), account="Acme HQ"))
    answer = client.get(back, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "Notion is connected." in answer.content.decode()
    assert client.get(back).headers["Location"] == LIST
    connection = Connection.objects.get()
    assert (connection.connector, connection.name) == ("notion", "Notion")
    assert connection.credential_id != earlier


def test_a_denial_has_its_screen_and_stays_one(client: Client, at_sandbox: Sandbox) -> None:
    back = at_sandbox.consent(begin(client))
    assert back.endswith("?error=access_denied")
    for path in (path_of(back), urlsplit(back).path):
        check_refused(client, path, 200, "Notion is not connected")
        assert "Try again" in client.get(path).content.decode()


def test_until_alloy_lists_the_credential_the_page_asks_again(
    client: Client, at_sandbox: Sandbox
) -> None:
    page = begin(client)
    back = path_of(address_to_return_to(page))
    html = client.get(back).content.decode()
    assert "This page goes on by itself" in html
    assert f'hx-get="{back}"' in html
    assert client.get(back, headers=HTMX).status_code == 204
    at_sandbox.consent(page, account="Acme HQ")
    assert client.get(back, headers=HTMX).headers["HX-Redirect"] == LIST


def test_alloy_being_down_at_the_callback_is_waited_for(
    client: Client, at_sandbox: Sandbox, back: str
) -> None:
    at_sandbox.misbehave("/connectors", status=503, times=1)
    assert "This page goes on by itself" in client.get(back).content.decode()
    assert client.get(back).headers["Location"] == LIST


def test_a_credential_that_never_comes_is_given_up_on_after_a_minute(client: Client) -> None:
    back = path_of(address_to_return_to(begin(client)))
    client.get(back)
    ConnectAttempt.objects.update(returned_at=timezone.now() - timedelta(minutes=2))
    html = client.get(back, headers=HTMX).content.decode()
    assert "Notion did not arrive" in html
    assert "hx-get" not in html.partition('id="ending"')[2].partition("</div>")[0]


def test_an_address_that_was_never_made_is_said_to_be_unknown(client: Client) -> None:
    check_refused(client, f"{PAGE}callback/{'x' * 43}/", 404, "We do not know this address")


def test_somebody_elses_address_looks_as_if_it_had_never_been_made(
    back: str, other_merchant: User, other_merchant_client: Client
) -> None:
    give_alloy_user(other_merchant)
    check_refused(other_merchant_client, back, 404, "We do not know this address")


def test_another_browser_of_the_same_merchant_cannot_finish(
    client: Client, back: str, known_merchant: User
) -> None:
    check_refused(logged_in(known_merchant), back, 403, "Begun in another browser")
    assert client.get(back).headers["Location"] == LIST


def test_a_stale_address_is_refused(client: Client, back: str) -> None:
    ConnectAttempt.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    check_refused(client, back, 410, "That took too long")


def test_two_tabs_at_once_connect_two_accounts(client: Client, at_sandbox: Sandbox) -> None:
    pages = [(begin(client), account) for account in ("Acme HQ", "Acme Europe")]
    backs = [at_sandbox.consent(page, account=account) for page, account in pages]
    for back in reversed(backs):
        assert client.get(path_of(back)).headers["Location"] == LIST
    made = Connection.objects.order_by("pk").values_list("name", "credential_id")
    assert [name for name, _ in made] == ["Notion", "Notion 2"]
    assert len({credential_id for _, credential_id in made}) == 2


def test_the_callback_of_an_account_that_was_removed_since_says_so(
    client: Client, back: str
) -> None:
    client.get(back)
    client.post(f"{PAGE}{Connection.objects.get().pk}/disconnect/")
    check_refused(client, back, 410, "was connected, and disconnected since")


def test_what_a_service_has_to_know_first_is_asked_for(client: Client) -> None:
    asked = client.post(f"{PAGE}connect/shopify/")
    assert "Shop name" in asked.content.decode()
    refused = client.post(f"{PAGE}connect/shopify/", {"answer-shopName": ""})
    assert refused.status_code == 422
    assert "/connector/shopify/authorize" in begin(client, "shopify", **{"answer-shopName": "mugs"})


def test_what_alloy_says_about_a_question_cannot_become_markup(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = {"shopName": "<img src=x onerror=alert(1)> & more"}
    monkeypatch.setattr(Authentication, "questions", questions)
    html = client.post(f"{PAGE}connect/shopify/").content.decode()
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; more" in html
    assert "<img src=x" not in html


def test_a_service_with_an_api_key_is_connected_at_once(
    client: Client, at_sandbox: Sandbox
) -> None:
    html = client.post(f"{PAGE}connect/klaviyo/").content.decode()
    assert 'type="password"' in html
    back = begin(client, "klaviyo", **{"answer-apiKey": "pk_secret"})
    assert client.get(path_of(back)).headers["Location"] == LIST
    assert Connection.objects.get().connector == "klaviyo"


def test_a_consent_page_that_is_not_at_alloy_is_not_followed(
    client: Client, at_sandbox: Sandbox
) -> None:
    at_sandbox.misbehave(
        "/connectors/notion/credentials",
        method="POST",
        status=200,
        body='{"oauthUrl": "https://alloy.example/steal"}',
    )
    answer = client.post(f"{PAGE}connect/notion/", follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "Notion could not be connected." in answer.content.decode()


def test_alloy_being_down_is_said_on_the_page(client: Client, at_sandbox: Sandbox) -> None:
    client.get(LIST)
    at_sandbox.misbehave("/connectors/notion", status=503)
    html = client.post(f"{PAGE}connect/notion/", follow=True).content.decode()
    assert "Notion could not be connected. Our integration partner did not answer." in html


def test_a_service_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.post(f"{PAGE}connect/Notion/").status_code == 404
