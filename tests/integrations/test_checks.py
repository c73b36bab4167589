"""A wrong set-up is said at start."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import connections
from pytest_django import Settings

from integrations import checks

pytestmark = pytest.mark.django_db


def complaints(*, deploy: bool = False) -> set[str]:
    found = run_checks(include_deployment_checks=deploy)
    return {each.id for each in found if each.id and each.id.startswith("integrations.")}


def test_the_set_up_of_the_tests_is_fine() -> None:
    assert complaints() == set()


@pytest.mark.parametrize(
    "tokens",
    [
        [],
        [""],
        ["short"],
        ["long-enough-token-of-ours", "short"],
        ["a/slash+of+base64+in+a+path=="],
        ["a token with some spaces"],
    ],
)
def test_a_webhook_token_that_can_be_guessed_or_is_no_part_of_a_path_is_an_error(
    settings: Settings, tokens: Any
) -> None:
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_TOKENS": tokens}
    assert complaints() == {"integrations.E001"}


@pytest.mark.parametrize(
    ("origin", "complaint"),
    [("http://acme.example", {"integrations.W003"}), ("https://acme.example", set())],
)
def test_webhooks_in_the_open_are_warned_of_before_a_deployment(
    settings: Settings, origin: str, complaint: set[str]
) -> None:
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_BASE_URL": origin}
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_TOKENS": [secrets.token_hex(32)]}
    assert complaints(deploy=True) == complaint


def test_a_token_that_only_looks_long_is_warned_of_before_a_deployment(settings: Settings) -> None:
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_BASE_URL": "https://acme.example"}
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_TOKENS": [secrets.token_hex(32), "a" * 64]}
    assert complaints(deploy=True) == {"integrations.W010"}


def test_an_account_without_a_key_is_an_error(settings: Settings) -> None:
    settings.ALLOY = {**settings.ALLOY, "SANDBOX_URL": "", "API_KEY": ""}
    assert complaints() == {"integrations.E004"}


@pytest.mark.parametrize(
    "origin",
    [
        *("", "mars", "acme.example", "ftp://acme.example", "https://", "https://acme.example?x=1"),
        *("https://acme.example#x", "https://jane@acme.example", "https://acme.example:port"),
        *("https://acme example", "https://[::1"),
    ],
)
def test_webhooks_to_what_is_no_address_are_an_error(settings: Settings, origin: str) -> None:
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_BASE_URL": origin}
    assert complaints() == {"integrations.E005"}


@pytest.mark.parametrize("path", ["nowhere.at_all", "integrations.tenants.nobody", "no_dots"])
def test_a_way_to_the_tenant_that_leads_nowhere_is_an_error(settings: Settings, path: str) -> None:
    settings.ALLOY = {**settings.ALLOY, "TENANT_OF_REQUEST": path}
    assert complaints() == {"integrations.E006"}


def test_without_the_filters_of_humanize_no_page_can_be_shown(settings: Settings) -> None:
    installed = [app for app in settings.INSTALLED_APPS if app != "django.contrib.humanize"]
    settings.INSTALLED_APPS = installed
    assert complaints() == {"integrations.E007"}


@pytest.mark.parametrize(
    ("vendor", "changed", "complaint"),
    [
        ("postgresql", {"ATOMIC_REQUESTS": True}, "integrations.W008"),
        ("sqlite", {"OPTIONS": {}}, "integrations.W009"),
    ],
)
def test_a_database_that_is_used_otherwise_than_it_has_to_be_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, vendor: str, changed: dict[str, Any], complaint: str
) -> None:
    database = connections["default"]
    monkeypatch.setattr(database, "vendor", vendor)
    monkeypatch.setattr(database, "settings_dict", database.settings_dict | changed)
    assert complaints() == {complaint}


def test_tables_that_point_to_another_tenant_model_are_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks, "_table_of_tenants", lambda: "auth_user")
    assert complaints() == {"integrations.E011"}


def test_the_table_that_the_tenants_point_to_is_found() -> None:
    assert checks._table_of_tenants() == "accounts_user"


def test_a_part_that_comes_after_the_core_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    backwards = sorted(apps.get_app_configs(), key=lambda each: each.name)
    monkeypatch.setattr(apps, "get_app_configs", lambda: backwards)
    (first, *_) = (each for each in run_checks() if each.id == "integrations.E012")
    assert "integrations.contrib.activity comes after integrations" in first.msg


def test_a_setting_beside_the_dict_is_an_error(settings: Settings) -> None:
    settings.ALLOY_API_KEY = "somebody-s-key"
    assert complaints() == {"integrations.E013"}


def test_urls_that_are_not_included_are_warned_of(settings: Settings) -> None:
    settings.ROOT_URLCONF = "allauth.account.urls"
    assert "integrations.W015" in complaints()


@pytest.mark.parametrize("url", ["/nowhere/", "nobodys:login"])
def test_a_login_page_that_is_not_there_is_warned_of(settings: Settings, url: str) -> None:
    settings.LOGIN_URL = url
    assert complaints() == {"integrations.W017"}
    settings.LOGIN_URL = "https://login.example/"
    assert not complaints()


def test_members_of_a_tenant_need_a_function_that_finds_it(settings: Settings) -> None:
    settings.ALLOY_TENANT_MODEL = "orders.Order"
    assert "integrations.E006" in complaints()
