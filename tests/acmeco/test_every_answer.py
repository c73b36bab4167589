"""Every answer there is, from every URL and to everybody, as strict as the pages are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db.models import DateField
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from integrations.admin.pages import HistoryAdmin
from integrations.models import Message
from tests.acmeco.crossing import ROUTES, content_of, fill_in
from tests.acmeco.test_isolation import integrations_of
from tests.full_size import size
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import FakeAlloy

pytestmark = [pytest.mark.django_db, pytest.mark.scenario(18)]

PLAIN = (
    *("/healthz", "/readyz", "/metrics", "/nowhere/", "/orders", "/admin/", "/admin/nowhere/"),
    *("/static/css/acmeco.css", "/static/integrations/modal.js", "/static/nowhere.js"),
    *("/accounts/login/", "/accounts/signup/", "/accounts/logout/", "/accounts/password/reset/"),
    *("/webhooks/alloy/wrong/orders/", "/webhooks/alloy/wrong/nowhere/", "/%00", "/%ff"),
)
ODD = ("9" * 30, "\0", "-1", "0000-01-01", "nan", "\u00e9" * 300, "[]", "0")
NAMES = (
    *("q", "status", "before", "newest", "version", "workflow", "page", "after", "state", "error"),
    *("category", "cursor", "execution", "next", "login", "email", "password", "typed", "title"),
    *("starts_at", "attendees", "notes", "slack_channel", "p", "o", "id", "_to_field", "pk"),
)
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE")[: size(7, usual=1)]


@pytest.fixture
def _strict_transport(settings: Settings) -> None:
    """What production sets; see test_settings.py."""
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600


def addresses(merchant: User) -> Iterator[str]:
    yield from (fill_in(route, merchant) for route in ROUTES)
    yield from PLAIN


def addresses_of_the_admin() -> Iterator[str]:
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_change", args=[1])


def weaknesses(answer: HttpResponseBase) -> list[str]:
    """Return the headers that an answer lacks, or that say something else than they should."""
    expected = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin|strict-origin",
        "Strict-Transport-Security": r"max-age=31536000\b.*",
        "Content-Security-Policy": r".*\bframe-ancestors 'none'.*",
        "Cross-Origin-Opener-Policy": "same-origin(-allow-popups)?",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": r".*\bcamera=\(\).*",
    }
    return [
        f"{name}: {answer.get(name)}"
        for name, pattern in expected.items()
        if not re.fullmatch(pattern, answer.get(name, ""))
    ]


@pytest.mark.usefixtures("_strict_transport", "alloy", "woken")
def test_every_answer_is_strict(
    merchant: User, merchant_client: Client, operator_client: Client
) -> None:
    make_ready(merchant)
    visitors = {"nobody": Client(), "a merchant": merchant_client, "an operator": operator_client}
    weak, statuses = [], set()
    for address in [*addresses(merchant), *addresses_of_the_admin()]:
        for name, client in visitors.items():
            client.raise_request_exception = False
            for method in METHODS:
                answer = client.generic(method, address, secure=True)
                content_of(answer)  # or a file would stay open
                statuses.add(answer.status_code)
                assert answer.status_code < 500 or address == "/readyz", f"{method} {address}"
                if found := weaknesses(answer):
                    weak.append(f"{method} {address} by {name} ({answer.status_code}): {found}")
    assert weak == []
    assert {200, 302, 404} <= statuses


def test_what_csrf_refuses_and_what_crashes_is_strict_too(
    merchant_client: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    careful = Client(enforce_csrf_checks=True, raise_request_exception=False)
    refused = careful.post("/accounts/login/", secure=True)
    assert (refused.status_code, weaknesses(refused)) == (403, [])

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("orders.views.OrderFilter", crash)
    merchant_client.raise_request_exception = False
    crashed = merchant_client.get("/orders/", secure=True)
    assert (crashed.status_code, weaknesses(crashed)) == (500, [])


@pytest.mark.postgresql
@pytest.mark.usefixtures("alloy", "woken")
def test_nothing_in_an_address_or_a_form_is_more_than_a_page_can_take(
    merchant: User, merchant_client: Client, operator_client: Client
) -> None:
    make_ready(merchant)
    merchant_client.raise_request_exception = operator_client.raise_request_exception = False
    for address in list(addresses(merchant)):  # the admin has tests of its own, below and elsewhere
        client = operator_client if address.startswith("/admin/") else merchant_client
        for odd in ODD[: size(8, usual=2)]:
            asked = f"{address}?{urlencode(dict.fromkeys(NAMES, odd))}"
            answers = [client.get(asked)]
            if odd == ODD[0]:
                assert client.head(asked).status_code == answers[0].status_code, asked
            answers.append(client.post(address, dict.fromkeys(NAMES, odd)))
            for answer in answers:
                content_of(answer)  # or a file would stay open
                assert answer.status_code < 500 or address == "/readyz", asked


@pytest.mark.postgresql
def test_nothing_in_a_filter_of_the_admin_is_more_than_it_can_take(operator_client: Client) -> None:
    """What is our own in the admin takes more of it: see tests/integrations/admin/test_pages.py."""
    operator_client.raise_request_exception = False
    for model, page in admin.site._registry.items():
        if isinstance(page, HistoryAdmin):
            continue
        listed = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        asked = [(name, odd) for name in ("q", "p", "o", "_to_field") for odd in ODD]
        for field in model._meta.concrete_fields:
            is_time = isinstance(field, DateField)
            names = ("__year", "__gte") if is_time else ("", "__in") if field.is_relation else ()
            asked += [(f"{field.name}{name}", odd) for name in names for odd in ODD]
        for name, odd in asked[:: size(1, usual=3)]:
            assert operator_client.get(listed, {name: odd}).status_code < 500, (listed, name, odd)
        for odd in ODD:
            chosen = {"action": "delete_selected", "_selected_action": odd}
            assert operator_client.post(listed, chosen).status_code < 500, (listed, odd)


@pytest.mark.postgresql
def test_no_look_up_in_an_address_of_the_admin_is_more_than_it_can_take(
    operator_client: Client,
) -> None:
    operator_client.raise_request_exception = False
    listed = reverse("admin:integrations_message_changelist")
    for name in ("id", "payload"):
        for look_up in Message._meta.get_field(name).get_lookups():
            asked = {f"{name}__{look_up}": "1,2"}
            assert operator_client.get(listed, asked).status_code < 500, asked


@pytest.mark.usefixtures("woken")
def test_every_page_is_whole_when_a_browser_asks_or_goes_back(
    alloy: FakeAlloy, merchant: User, merchant_client: Client
) -> None:
    make_ready(merchant)
    alloy.fail_always("/integrations", integrations_of)
    back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    for address in list(addresses(merchant)):
        for headers in ({}, back):
            answer = merchant_client.get(address, headers=headers)
            content = content_of(answer)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                assert content.lstrip().lower().startswith(b"<!doctype html"), address
                assert "HX-Request" in answer["Vary"], address
            assert answer.status_code != 204, address
