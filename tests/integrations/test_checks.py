"""A wrong set-up is said at start."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from django.core.checks import run_checks
from django.db import connections

if TYPE_CHECKING:
    from pytest_django import Settings


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
        "not-a-list-but-one-token",
    ],
)
def test_a_webhook_token_that_can_be_guessed_or_is_no_part_of_a_path_is_an_error(
    settings: Settings, tokens: Any
) -> None:
    settings.ALLOY_WEBHOOK_TOKENS = tokens
    assert complaints() == {"integrations.E001"}


@pytest.mark.parametrize(("name", "value"), [("LEASE_SECONDS", 16), ("CALL_DEADLINE", 10)])
def test_a_lease_shorter_than_two_calls_is_an_error(
    settings: Settings, name: str, value: Any
) -> None:
    setattr(settings, f"ALLOY_{name}", value)
    assert complaints() == {"integrations.E002"}


@pytest.mark.parametrize(
    ("origin", "complaint"),
    [("http://acme.example", {"integrations.W003"}), ("https://acme.example", set())],
)
def test_webhooks_in_the_open_are_warned_of_before_a_deployment(
    settings: Settings, origin: str, complaint: set[str]
) -> None:
    settings.ALLOY_WEBHOOK_BASE_URL = origin
    settings.ALLOY_WEBHOOK_TOKENS = [secrets.token_hex(32)]
    assert complaints(deploy=True) == complaint


def test_a_token_that_only_looks_long_is_warned_of_before_a_deployment(settings: Settings) -> None:
    settings.ALLOY_WEBHOOK_BASE_URL = "https://acme.example"
    settings.ALLOY_WEBHOOK_TOKENS = [secrets.token_hex(32), "a" * 64]
    assert complaints(deploy=True) == {"integrations.W010"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("API_KEY", "", "Is it set?"),
        ("API_KEY", None, "Is it set?"),
        ("API_KEY", "with a space", "printable ASCII"),
        ("API_VERSION", "latest", "not 'latest'"),
        ("CONNECTIVITY_VERSION", "2023-12", "not '2023-12'"),
        ("REGION", "mars", "not 'mars'"),
    ],
)
def test_an_account_that_cannot_be_is_an_error_that_says_why(
    settings: Settings, name: str, value: str | None, said: str
) -> None:
    settings.ALLOY_HOSTS = None
    setattr(settings, f"ALLOY_{name}", value)
    (error,) = (each for each in run_checks() if each.id == "integrations.E004")
    assert said in error.msg


def test_a_key_that_is_not_set_at_all_is_an_error_too(settings: Settings) -> None:
    del settings.ALLOY_API_KEY
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
    settings.ALLOY_WEBHOOK_BASE_URL = origin
    assert complaints() == {"integrations.E005"}


@pytest.mark.parametrize("path", ["nowhere.at_all", "integrations.tenants.nobody", "no_dots"])
def test_a_way_to_the_tenant_that_leads_nowhere_is_an_error(settings: Settings, path: str) -> None:
    settings.ALLOY_TENANT_OF_REQUEST = path
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
