"""Settings that make no sense stop the start, with one sentence."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from integrations import client, conf


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"WEBHOOK_TOKEN": ["x"]}, "did you mean 'WEBHOOK_TOKENS'?"),
        ({"COLOUR": "red"}, "ALLOY['COLOUR'] is no setting of integrations."),
        ({"WEBHOOK_TOKENS": "one-token-and-no-list"}, "ALLOY['WEBHOOK_TOKENS'] is wrong"),
        ({"API_KEY": "with a space"}, "printable ASCII without spaces"),
        ({"API_KEY": None}, "ALLOY['API_KEY'] is wrong"),
        ({"API_VERSION": "latest"}, "a month, such as '2023-12'"),
        ({"CONNECTIVITY_VERSION": "2023-12"}, "a month from '2025-06' on"),
        ({"REGION": "mars"}, "'us' or 'eu'"),
        ({"SANDBOX_URL": "mars"}, "ALLOY['SANDBOX_URL'] is wrong"),
        ({"API_KEY": "a-real-one", "SANDBOX_URL": "http://localhost:1"}, "a real key must never"),
        ({"LEASE_SECONDS": 16}, "more than twice CALL_DEADLINE"),
        ({"MAX_ATTEMPTS": 0}, "greater than or equal to 1"),
        ({"RETENTION_DAYS": "a month"}, "ALLOY['RETENTION_DAYS'] is wrong"),
    ],
)
def test_nonsense_is_one_sentence(settings: Settings, changes: dict[str, Any], said: str) -> None:
    settings.ALLOY = {**settings.ALLOY, **changes}
    with pytest.raises(ImproperlyConfigured) as raised:
        client.check_settings()
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_is_no_dict_is_refused_and_no_secret_is_in_what_is_said(settings: Settings) -> None:
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "my secret"}
    with pytest.raises(ImproperlyConfigured) as raised:
        conf.read()
    assert "my secret" not in str(raised.value)
    settings.ALLOY = ["API_KEY"]
    with pytest.raises(ImproperlyConfigured, match="must be a dict"):
        conf.read()


def test_a_sandbox_needs_no_key(settings: Settings) -> None:
    settings.ALLOY = {"SANDBOX_URL": "http://localhost:8001"}
    assert conf.account().api_key == "sandbox_demo"
    assert conf.account().stand_in == "http://localhost:8001"


def test_migrations_depend_on_the_first_of_the_tenants_app_unless_another_is_named(
    settings: Settings,
) -> None:
    assert tuple(conf.tenant_migration()) == ("accounts", "__first__")
    settings.ALLOY_TENANT_MODEL_MIGRATION = "0003_shop"
    assert conf.tenant_migration() == ("accounts", "0003_shop")


def test_the_installation_is_the_sites_host_unless_it_is_named(settings: Settings) -> None:
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_BASE_URL": "https://acme.example/alloy"}
    assert conf.installation() == "acme.example"
    settings.ALLOY = {**settings.ALLOY, "INSTALLATION": "acme-staging"}
    assert conf.installation() == "acme-staging"
