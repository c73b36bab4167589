"""A wrong set-up is said at start."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf.urls.i18n import i18n_patterns
from django.core.checks import run_checks
from django.core.management import CommandError
from django.db import connections
from django.urls import clear_script_prefix, include, path, set_script_prefix
from pytest_django import Settings

from integrations import checks

pytestmark = pytest.mark.django_db


def complaints(*, deploy: bool = False) -> set[str]:
    found = run_checks(include_deployment_checks=deploy)
    return {each.id for each in found if each.id and each.id.startswith("integrations.")}


def test_the_set_up_of_the_tests_is_fine() -> None:
    assert complaints() == set()


@pytest.mark.parametrize(
    ("complaint", "changes"),
    [
        ("E001", {"WEBHOOK_TOKENS": []}),
        ("E004", {"SANDBOX_URL": "", "API_KEY": ""}),
        ("E005", {"WEBHOOK_BASE_URL": ""}),
    ],
)
def test_a_token_key_or_address_that_is_missing_is_an_error(
    settings: Settings, complaint: str, changes: dict[str, Any]
) -> None:
    settings.ALLOY = {**settings.ALLOY, **changes}
    assert complaints() == {f"integrations.{complaint}"}


@pytest.mark.parametrize(
    ("origin", "more_tokens", "complaint"),
    [
        ("https://acme.example", [], set()),
        ("http://acme.example", [], {"integrations.W003"}),
        ("https://acme.example", ["a" * 64], {"integrations.W010"}),
    ],
    ids=["all is well", "webhooks in the open", "a token that only looks long"],
)
def test_a_deployment_is_warned_of(
    settings: Settings, origin: str, more_tokens: list[str], complaint: set[str]
) -> None:
    tokens = [secrets.token_hex(32), *more_tokens]
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_BASE_URL": origin, "WEBHOOK_TOKENS": tokens}
    assert complaints(deploy=True) == complaint


def test_without_the_filters_of_humanize_no_page_can_be_shown(settings: Settings) -> None:
    installed = [app for app in settings.INSTALLED_APPS if app != "django.contrib.humanize"]
    settings.INSTALLED_APPS = installed
    assert complaints() == {"integrations.E007"}


def test_a_project_without_sessions_and_messages_is_warned_of(settings: Settings) -> None:
    gone = ("SessionMiddleware", "MessageMiddleware")
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if not each.endswith(gone)]
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "OPTIONS": {**engine["OPTIONS"], "context_processors": []}}]
    told = " ".join(each.msg for each in run_checks() if each.id == "integrations.W018")
    for each in (*gone, "context_processors.request", "context_processors.messages"):
        assert each in told


def test_sqlite_whose_writers_do_not_take_turns_is_warned_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = connections["default"]
    monkeypatch.setattr(database, "vendor", "sqlite")
    monkeypatch.setattr(database, "settings_dict", database.settings_dict | {"OPTIONS": {}})
    assert complaints() == {"integrations.W009"}


def test_tables_that_point_to_another_tenant_model_are_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert checks._table_of_tenants() == "accounts_user"
    monkeypatch.setattr(checks, "_table_of_tenants", lambda: "auth_user")
    assert complaints() == {"integrations.E011"}


def test_tables_are_not_made_before_those_that_they_refer_to(settings: Settings) -> None:
    app = apps.get_app_config("integrations")
    settings.MIGRATION_MODULES = {}
    checks.tenants_have_a_table_to_refer_to(app)
    settings.ALLOY_TENANT_MODEL = "orders.Shop"
    checks.tenants_have_a_table_to_refer_to(apps.get_app_config("orders"))
    with pytest.raises(CommandError, match="makemigrations orders` first"):
        checks.tenants_have_a_table_to_refer_to(app)


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


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("{% block alloy_title %}{% endblock %}{% block alloy_main %}{% endblock %}", "alloy_scr"),
        ('{% extends "nowhere.html" %}', "TemplateDoesNotExist: nowhere.html"),
        ("{% block alloy_main %}", "TemplateSyntaxError: Unclosed tag"),
        ("{{ request.no_such_thing|add:1 }}{% url 'nowhere' %}", ""),
    ],
    ids=["a block is missing", "what it extends is", "broken", "needs a real request"],
)
def test_a_frame_that_shows_no_page_is_an_error(
    settings: Settings, tmp_path: Path, base: str, said: str
) -> None:
    tmp_path.joinpath("integrations").mkdir()
    tmp_path.joinpath("integrations", "base.html").write_text(base)
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path]}]
    found = [each.msg for each in run_checks() if each.id == "integrations.E016"]
    assert [each for each in found if said not in each] == []
    assert bool(found) == bool(said)


def test_webhooks_whose_url_changes_with_the_language_are_warned_of(settings: Settings) -> None:
    in_languages = i18n_patterns(path("", include("acmeco.urls")))
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": in_languages})
    assert complaints() == {"integrations.W015"}


@pytest.mark.parametrize("url", ["/nowhere/", "nobodys:login"])
def test_a_login_page_that_is_not_there_is_warned_of(settings: Settings, url: str) -> None:
    settings.LOGIN_URL = url
    assert complaints() == {"integrations.W017"}
    settings.LOGIN_URL = "https://login.example/"
    assert not complaints()


def test_a_login_page_is_found_under_the_path_that_the_project_is_mounted_at() -> None:
    set_script_prefix("/under/")
    assert not complaints()
    clear_script_prefix()


def test_members_of_a_tenant_need_a_function_that_finds_it(settings: Settings) -> None:
    settings.ALLOY_TENANT_MODEL = "orders.Order"
    assert "integrations.E006" in complaints()
