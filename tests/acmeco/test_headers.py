"""What every answer tells the browser to be strict about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings as django_settings
from django.test import Client

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from accounts.models import User

pytestmark = pytest.mark.django_db

PAGES = ["/", "/orders/", "/integrations/", "/meetings/", "/orders/999/", "/healthz", "/nowhere/"]


def directives(answer: HttpResponseBase) -> dict[str, list[str]]:
    policy = answer["Content-Security-Policy"]
    return {name: sources for name, *sources in (part.split() for part in policy.split(";"))}


@pytest.mark.parametrize("path", [*PAGES, "/admin/", "/accounts/login/"])
def test_no_page_allows_inline_code_or_foreign_hosts(merchant_client: Client, path: str) -> None:
    policy = directives(merchant_client.get(path))
    everything = {source for sources in policy.values() for source in sources}
    hosts = django_settings.ALLOY_HOSTS
    alloys = {hosts.cdn, hosts.app, hosts.embedded, hosts.production, hosts.consent_source}
    assert everything <= {"'self'", "'none'", *alloys}
    assert policy["default-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["object-src"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_forbids_sniffing_framing_and_telling_others_where_one_was(
    merchant_client: Client, path: str
) -> None:
    answer = merchant_client.get(path)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    # Not "same-origin": the modal's OAuth window has to tell the page that it is done.
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"


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
