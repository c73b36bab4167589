"""Every answer there is, from every URL and to everybody, as strict as the pages are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.acmeco.crossing import ROUTES, content_of, fill_in
from tests.full_size import size
from tests.integrations.conftest import _fake_alloy, alloy, make_ready, woken

if TYPE_CHECKING:
    from django.http import HttpResponseBase
    from pytest_django import Settings

    from accounts.models import User

__all__ = ["_fake_alloy", "alloy", "woken"]

pytestmark = [pytest.mark.django_db, pytest.mark.scenario(18)]

PLAIN = (
    *("/healthz", "/readyz", "/metrics", "/nowhere/", "/orders", "/admin/", "/admin/nowhere/"),
    *("/static/css/acmeco.css", "/static/integrations/modal.js", "/static/nowhere.js"),
    *("/accounts/login/", "/accounts/signup/", "/accounts/logout/", "/accounts/password/reset/"),
    *("/webhooks/alloy/wrong/orders/", "/webhooks/alloy/wrong/nowhere/", "/%00", "/%ff"),
)
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE")[: size(7, usual=1)]


@pytest.fixture
def _strict_transport(settings: Settings) -> None:
    """What production sets; see test_settings.py."""
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600


def addresses(merchant: User) -> Iterator[str]:
    yield from (fill_in(route, merchant) for route in ROUTES)
    yield from PLAIN
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_change", args=[1])


def weaknesses(answer: HttpResponseBase) -> list[str]:
    """Return the headers that an answer lacks, or that say something else than they should."""
    expected = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin|no-referrer",
        "Strict-Transport-Security": r"max-age=31536000\b.*",
        "Content-Security-Policy": r".*\bframe-ancestors 'none'.*",
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
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
    for address in list(addresses(merchant)):
        for name, client in visitors.items():
            client.raise_request_exception = False
            for method in METHODS:
                answer = client.generic(method, address, secure=True)
                content_of(answer)  # or a file would stay open
                statuses.add(answer.status_code)
                assert answer.status_code != 500, f"{method} {address} by {name}"
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
