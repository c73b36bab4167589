"""What holds for every page: what is refused, how it is asked for, where it leads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory
from django.urls import clear_script_prefix, set_script_prefix
from pytest_django import Settings

from accounts.models import User
from acmeco.wsgi import application
from tests.pages import logged_in

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
LOGIN = "/accounts/login/"


@pytest.fixture
def browser() -> Client:
    """Somebody whose forms need their token, and who is shown pages instead of exceptions."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "latin-1", "undefined", "hex", "nonsense"])
@pytest.mark.parametrize("form", [FORM, PARTS])
def test_a_form_in_another_charset_is_a_page_that_says_so(
    browser: Client, form: str, charset: str
) -> None:
    answer = browser.generic("POST", LOGIN, b"login=+AGE-", f"{form}; charset={charset}")
    assert answer.status_code == 400
    assert b"We could not understand that request" in answer.content


@pytest.mark.parametrize("charset", ["utf-7", "undefined", "hex", "latin-1"])
@pytest.mark.parametrize(
    ("method", "path", "kind", "status"),
    [
        ("GET", "/accounts/login/?next=%C3%A9", "text/plain", "200 OK"),
        ("POST", "/accounts/login/?next=%C3%A9", FORM, "400 Bad Request"),
        ("POST", "/accounts/login/?next=%C3%A9", PARTS, "400 Bad Request"),
        (
            "POST",
            "/webhooks/alloy/wrong/orders/?userId=%C3%A9",
            "application/json",
            "404 Not Found",
        ),
    ],
)
def test_the_charset_of_a_body_says_nothing_of_the_address(
    method: str, path: str, kind: str, status: str, charset: str
) -> None:
    """By the application that servers call: Django reads the query before any middleware."""
    environ = RequestFactory().generic(method, "/", b"{}").environ
    path, _, query = path.partition("?")
    environ |= {"PATH_INFO": path, "QUERY_STRING": query}
    environ["CONTENT_TYPE"] = f"{kind}; charset={charset}"
    told: list[Any] = []
    application(environ, lambda *given: told.append(given)).close()  # type: ignore[attr-defined]
    assert told[0][0] == status


@pytest.mark.parametrize("address", ["/orders/?q=%00", "/integrations/a%00b/", "/%00", "/?x=%00"])
def test_a_nul_is_refused_before_a_database_sees_it(merchant_client: Client, address: str) -> None:
    assert merchant_client.get(address).status_code == 400


def test_a_nul_in_a_cookie_is_refused_too(browser: Client) -> None:
    name = django_settings.SESSION_COOKIE_NAME
    answer = browser.get("/orders/", headers={"Cookie": rf'{name}="\000abcdefgh"'})
    assert answer.status_code == 400


@pytest.mark.parametrize("address", [LOGIN, "/", "/nowhere/", "/orders/"])
def test_a_strangers_large_form_is_refused_unread(client: Client, address: str) -> None:
    body = b"--x\r\n" + b"a" * 70_000
    answer = client.generic("POST", address, body, PARTS)
    assert answer.status_code == 413
    assert b"That is too large" in answer.content


def test_a_merchants_form_may_be_larger_but_never_lands_on_the_disk(
    merchant_client: Client, settings: Settings
) -> None:
    upload = "/meetings/import/"
    assert merchant_client.generic("POST", upload, b"a" * 70_000, PARTS).status_code != 413
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 80_000
    assert merchant_client.generic("POST", upload, b"a" * 90_000, PARTS).status_code == 413


POST_ONLY = [
    ("/integrations/check/", "/integrations/"),
    ("/integrations/63ea758e82c3074141968bb9/pause/", "/integrations/63ea758e82c3074141968bb9/"),
    ("/meetings/1/sync/", "/meetings/1/"),
    ("/settings/erase-logs/", "/settings/"),
    ("/admin/logout/", "/admin/"),
]


@pytest.mark.parametrize(("address", "page"), POST_ONLY)
def test_after_a_login_what_takes_only_posts_leads_to_its_page(
    client: Client, merchant: User, address: str, page: str
) -> None:
    to_login = client.post(address)
    if to_login.status_code == 302 and LOGIN in to_login["Location"]:
        credentials = {"login": merchant.email, "password": "a long pass phrase", "next": address}
        assert client.post(LOGIN, credentials)["Location"] == address
    client.force_login(merchant)
    for method in ("GET", "HEAD"):
        assert client.generic(method, address)["Location"] == page


@pytest.mark.parametrize(
    "host", ["10.0.3.17:8100", "10.0.3.17", "[::1]:8100", "anything", "a_b", ""]
)
@pytest.mark.parametrize("debug", [True, False])
def test_a_probe_is_answered_by_any_host_and_nothing_else_is(
    browser: Client, settings: Settings, host: str, debug: bool
) -> None:
    settings.DEBUG, settings.ALLOWED_HOSTS = debug, ["acme.example"]
    settings.SECURE_SSL_REDIRECT = True
    for method in ("GET", "HEAD"):
        assert browser.generic(method, "/healthz", headers={"Host": host}).status_code == 200
    settings.SECURE_SSL_REDIRECT = False
    assert browser.get("/readyz", headers={"Host": host}).status_code in (200, 503)
    for path in ("/", "/metrics", LOGIN, "/healthz/"):
        assert browser.get(path, headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/", "/nowhere/", "/settings/export/", "/orders/"])
def test_head_says_what_a_get_would_and_sends_no_body(merchant: User, path: str) -> None:
    """By the handler that servers call: the test client takes bodies off by itself."""
    answers: dict[str, Any] = {}
    client = logged_in(merchant)
    environ = RequestFactory().get(path).environ | {"HTTP_COOKIE": client.cookies.output(header="")}

    for method in ("GET", "HEAD"):
        told: list[Any] = []
        response = WSGIHandler()(
            environ | {"REQUEST_METHOD": method}, lambda *given, told=told: told.append(given)
        )
        body = b"".join(response)
        response.close()
        answers[method] = (told[0][0], dict(told[0][1]).get("Content-Length"), body)
    status, length, body = answers["GET"]
    assert answers["HEAD"] == (status, length or answers["HEAD"][1], b"")
    assert answers["HEAD"][1] in (None, str(len(body)))


@pytest.fixture
def prefix() -> Iterator[str]:
    """Where a server has mounted AcmeCo; the handler says so, which the test client passes by."""
    set_script_prefix("/shop/")
    yield "/shop"
    clear_script_prefix()


def test_under_a_prefix_every_address_carries_it(merchant: User, prefix: str) -> None:
    client = logged_in(merchant, SCRIPT_NAME=prefix)
    for path in ("/", "/orders/", "/nowhere/"):
        html = client.get(path).content.decode()
        addresses = re.findall(r'(?:href|src|action|hx-\w+)="(/[^"]*)', html)
        assert addresses
        assert [each for each in addresses if not each.startswith("/shop/")] == []
    assert client.get("/favicon.ico")["Location"] == "/shop/static/favicon.svg"
    assert "report-uri /shop/csp-report" in client.get("/")["Content-Security-Policy"]
    assert client.get("/settings/erase-logs/")["Location"] == "/shop/settings/"
