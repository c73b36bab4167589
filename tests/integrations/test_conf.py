"""Settings that make no sense stop the start, with one sentence."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from pytest_django import Settings

from integrations import client, conf

NO_TOKENS = [
    *([""], ["short"], ["long-enough-token-of-ours", "short"]),
    *(["a/slash+of+base64+in+a+path=="], ["a token with some spaces"]),
]
NO_ADDRESSES = [
    *("mars", "acme.example", "ftp://acme.example", "https://", "https://acme.example?x=1"),
    *("https://acme.example#x", "https://jane@acme.example", "https://acme.example:port"),
    *("https://acme example", "https://[::1"),
]
NO_WAYS_TO_THE_TENANT = [
    *("nowhere.at_all", "integrations.tenants.nobody", "no_dots", ".nothing", ""),
    *("integrations.conf.apps", "integrations.conf.environment", f"{__name__}.of_member"),
]
NUMBERS = [
    *("CALL_DEADLINE", "INTEGRATIONS_MAX_AGE", "LEASE_SECONDS", "MAX_ATTEMPTS"),
    *("RETENTION_DAYS", "WEBHOOK_MAX_BYTES"),
]


async def of_member(_request: HttpRequest) -> None: ...


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        *(({"WEBHOOK_TOKENS": tokens}, "tokens of 16 characters or more") for tokens in NO_TOKENS),
        *(({"WEBHOOK_BASE_URL": url}, "such as https://acme.example") for url in NO_ADDRESSES),
        *(
            ({"TENANT_OF_REQUEST": path}, "no function from a request to its tenant")
            for path in NO_WAYS_TO_THE_TENANT
        ),
        *(({name: True}, "it must be a number, not True") for name in NUMBERS),
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
        ({"RETENTION_DAYS": float("inf")}, "less than or equal to 36500"),
        ({"LEASE_SECONDS": 1e300}, "less than or equal to 3600"),
        ({"WEBHOOK_MAX_BYTES": 10**12}, "less than or equal to 104857600"),
        ({"API_VERSION": "2023-13"}, "a month, such as '2023-12'"),
        ({"CONNECTIVITY_VERSION": "2025-05"}, "a month from '2025-06' on"),
        ({"SANDBOX_URL": "http://localhost:65536"}, "an origin such as http://localhost:8001"),
        ({"SANDBOX_URL": "http://localhost:8001/a"}, "an origin such as http://localhost:8001"),
        ({"INSTALLATION": "two\nlines"}, "it must be one line of text"),
        ({b"API_KEY": "a-key"}, "is wrong: Keys should be strings"),
    ],
)
def test_nonsense_is_one_sentence(settings: Settings, changes: dict[Any, Any], said: str) -> None:
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


@pytest.mark.parametrize("named", [None, "", "shops", "my.shops.Shop", b"shops.Shop"])
def test_a_tenant_model_is_named_as_django_does(settings: Settings, named: object) -> None:
    settings.ALLOY_TENANT_MODEL = named
    with pytest.raises(ImproperlyConfigured, match="must be 'app_label"):
        conf.tenant_model()


@pytest.mark.parametrize("named", ["shops.Shop", "accounts.Shop"])
def test_a_tenant_model_that_is_not_there_stops_the_start(settings: Settings, named: str) -> None:
    settings.ALLOY_TENANT_MODEL = named
    with pytest.raises(ImproperlyConfigured, match="no installed app has that model"):
        client.check_settings()


@pytest.mark.parametrize(
    ("model", "app_label", "migration"),
    [
        ("accounts.User", "accounts", "0001_initial"),
        ("auth.Group", "auth", "0001_initial"),
        ("accounts.NotYetMigrated", "accounts", ""),
    ],
)
def test_migrations_depend_on_the_one_that_makes_the_tenant_model(
    settings: Settings, model: str, app_label: str, migration: str
) -> None:
    settings.ALLOY_TENANT_MODEL = model
    assert conf.tenant_made_by() == migration
    needed = (app_label, migration) if migration else ("integrations", "__first__")
    assert conf.tenant_migration() == needed


def test_the_migration_to_depend_on_may_be_named(settings: Settings) -> None:
    settings.ALLOY_TENANT_MODEL = "auth.Group"
    for named in ("0003_alter_user_email_max_length", "__latest__"):
        settings.ALLOY_TENANT_MODEL_MIGRATION = named
        assert conf.tenant_migration() == ("auth", named)


@pytest.mark.parametrize("named", ["0003_shop", "initial", 1])
def test_a_migration_to_depend_on_that_is_not_there_stops_the_start(
    settings: Settings, named: object
) -> None:
    settings.ALLOY_TENANT_MODEL_MIGRATION = named
    with pytest.raises(ImproperlyConfigured, match="the app accounts has no such migration"):
        client.check_settings()


def test_the_installation_is_the_sites_host_unless_it_is_named(settings: Settings) -> None:
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_BASE_URL": "https://acme.example/alloy"}
    assert conf.installation() == "acme.example"
    settings.ALLOY = {**settings.ALLOY, "INSTALLATION": "acme-staging"}
    assert conf.installation() == "acme-staging"
