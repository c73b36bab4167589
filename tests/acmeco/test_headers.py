"""What every answer tells the browser to be strict about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings as django_settings
from django.test import Client

from integrations import conf

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from accounts.models import User

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


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_forbids_sniffing_framing_and_telling_others_where_one_was(
    merchant_client: Client, path: str
) -> None:
    answer = merchant_client.get(path)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    # The modal's OAuth window has to tell the page that it is done.
    popups = "same-origin-allow-popups" if path == "/integrations/" else "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == popups


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


def test_a_webhook_answer_is_strict_too(client: Client) -> None:
    answer = client.post("/webhooks/alloy/wrong/orders/", b"{}", content_type="application/json")
    assert answer.status_code == 404
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer.json() == {"message": "Not found."}
