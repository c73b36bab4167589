"""What every answer tells the browser to be strict about."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponseBase
from django.test import Client

from accounts.models import User
from integrations import conf

pytestmark = pytest.mark.django_db

PAGES = ["/", "/orders/", "/integrations/", "/meetings/", "/orders/999/", "/healthz", "/nowhere/"]


def directives(answer: HttpResponseBase) -> dict[str, list[str]]:
    policy = answer["Content-Security-Policy"]
    return {name: sources for name, *sources in (part.split() for part in policy.split(";"))}


ALLOWED = {
    *("'self'", "'none'"),
    *("'script'", "default"),  # of Trusted Types
    "/csp-report",
}


@pytest.mark.parametrize("path", [*PAGES, "/admin/", "/accounts/login/"])
def test_no_page_allows_inline_code_or_foreign_hosts(merchant_client: Client, path: str) -> None:
    policy = directives(merchant_client.get(path))
    everything = {source for sources in policy.values() for source in sources}
    hosts = conf.account().hosts
    alloys = {hosts.cdn, hosts.app, hosts.embedded} if path == "/integrations/" else set()
    assert everything <= ALLOWED | alloys
    assert policy["default-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["object-src"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert policy["report-uri"] == ["/csp-report"]


def test_only_pages_that_open_the_modal_run_alloys_script(
    merchant_client: Client, operator_client: Client
) -> None:
    cdn = conf.account().hosts.cdn
    assert cdn in directives(merchant_client.get("/integrations/"))["script-src"]
    for path in ("/", "/orders/", "/integrations/connections/", "/accounts/login/", "/nowhere/"):
        assert cdn not in directives(merchant_client.get(path))["script-src"]
    for path in ("/admin/", "/admin/orders/order/"):
        assert "'self'" in directives(operator_client.get(path))["script-src"]
        assert cdn not in str(directives(operator_client.get(path)))


def test_connecting_an_account_may_lead_to_the_consent_page(merchant_client: Client) -> None:
    policy = directives(merchant_client.get("/integrations/connections/"))
    assert conf.account().hosts.consent_source in policy["form-action"]


def test_no_text_becomes_a_script_on_pages_of_our_own(merchant_client: Client) -> None:
    assert directives(merchant_client.get("/orders/"))["require-trusted-types-for"] == ["'script'"]
    assert "require-trusted-types-for" not in directives(merchant_client.get("/integrations/"))


def test_only_the_modals_page_lets_the_window_it_opens_tell_that_it_is_done(
    merchant_client: Client,
) -> None:
    """All other headers: see test_every_answer.py."""
    for path in PAGES:
        popups = "same-origin-allow-popups" if path == "/integrations/" else "same-origin"
        assert merchant_client.get(path)["Cross-Origin-Opener-Policy"] == popups, path


@pytest.mark.parametrize("path", ["/", "/orders/", "/integrations/", "/settings/", "/meetings/"])
def test_no_browser_keeps_a_page_of_somebody_who_was_logged_in(
    merchant_client: Client, path: str
) -> None:
    assert "no-store" in merchant_client.get(path)["Cache-Control"]


def test_an_address_with_a_secret_tells_nobody_more_than_the_host(client: Client) -> None:
    answer = client.get("/accounts/confirm-email/MQ:1abc:zz/")
    assert answer["Referrer-Policy"] == "strict-origin"


def test_the_session_is_out_of_the_scripts_reach(client: Client, merchant: User) -> None:
    client.post("/accounts/login/", {"login": merchant.email, "password": "a long pass phrase"})
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_pages_are_compressed_and_no_two_of_them_to_the_same_length(
    merchant_client: Client,
) -> None:
    """What they say of their length would otherwise tell what is in them."""
    answers = [merchant_client.get("/", headers={"Accept-Encoding": "gzip"}) for _ in range(6)]
    assert all(each["Content-Encoding"] == "gzip" for each in answers)
    assert all("Accept-Encoding" in each["Vary"] for each in answers)
    assert len({len(each.content) for each in answers}) > 1
    assert not merchant_client.get("/").has_header("Content-Encoding")
