"""System checks: what a set-up lacks is said, with what to do.

Settings that make no sense stop the start before: see `client.check_settings`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.management import CommandError
from django.db import DatabaseError, connections, router
from django.db.models.signals import pre_migrate
from django.dispatch import receiver
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.template import Engine, RequestContext, TemplateDoesNotExist, TemplateSyntaxError
from django.urls import NoReverseMatch, Resolver404, get_script_prefix, resolve, reverse
from django.utils import translation
from django.utils.module_loading import import_string

from integrations import conf
from integrations.models import AlloyUser
from integrations.pages.access import user_of
from integrations.strength import weakness

_ME = "integrations"
_CONTEXT_PROCESSORS = (
    "django.template.context_processors.request",
    "django.contrib.messages.context_processors.messages",
)
_BLOCKS = ("alloy_title", "alloy_scripts", "alloy_main")


Problems = Iterator[tuple[str, str]]
Check = Callable[[], Problems]


def check(number: str, *, deploy: bool = False) -> Callable[[Check], Check]:
    """Register a function that yields (what is wrong, what to do); "W..." is a warning."""
    kind = Warning if number.startswith("W") else Error

    def decorate(found_by: Check) -> Check:
        def run(**_: Any) -> list[CheckMessage]:
            return [kind(told, hint=hint, id=f"{_ME}.{number}") for told, hint in found_by()]

        run.__name__ = found_by.__name__
        register(run, _ME, deploy=deploy)
        return found_by

    return decorate


@check("E001")
def webhooks_have_a_token() -> Problems:
    """Without a token there is no URL for webhooks."""
    if not conf.read().WEBHOOK_TOKENS:
        yield (
            "ALLOY['WEBHOOK_TOKENS'] is not set.",
            "Make one with `openssl rand -hex 32` and paste it into the URLs at Alloy, too.",
        )


@check("W010", deploy=True)
def webhook_tokens_are_strong() -> Problems:
    """A token that only looks long may still be guessed."""
    for why in {weakness(token) for token in conf.read().WEBHOOK_TOKENS} - {""}:
        yield (
            f"A token of ALLOY['WEBHOOK_TOKENS'] {why}.",
            "Make one with `openssl rand -hex 32` and paste it into the URLs at Alloy, too.",
        )


@check("W003", deploy=True)
def webhook_origin_is_https() -> Problems:
    """Alloy posts orders to this origin."""
    if not conf.webhook_base_url().startswith("https://"):
        yield (
            "ALLOY['WEBHOOK_BASE_URL'] is not https, so orders would travel in the open.",
            "Set it to the https origin that the world reaches this site at.",
        )


@check("E004")
def account_is_named() -> Problems:
    """Without a key no call can be made."""
    if not conf.account().api_key:
        yield (
            "ALLOY['API_KEY'] is not set.",
            "Copy it from Alloy's dashboard (Settings > API Key), or set SANDBOX_URL to play.",
        )


@check("E005")
def webhook_origin_is_known() -> Problems:
    """Alloy signs the address it posts to, and we check the signature with this one."""
    if not conf.webhook_base_url():
        yield (
            "ALLOY['WEBHOOK_BASE_URL'] is not set.",
            "Set it to the origin that the world reaches this site at.",
        )


@check("E006")
def tenant_can_be_found() -> Problems:
    """Every page asks this function for whom it is."""
    if conf.tenant_of_request() is user_of and not conf.users_are_tenants():
        yield (
            f"ALLOY['TENANT_OF_REQUEST'] is not set, but tenants are {_tenants()}.",
            "Set it to the dotted path of a function that takes a request and returns its tenant.",
        )


@check("E007")
def templates_have_what_they_load() -> Problems:
    """The pages write times and numbers as people do."""
    if not apps.is_installed("django.contrib.humanize"):
        yield "The pages load humanize.", "Add django.contrib.humanize to INSTALLED_APPS."


@check("W018")
def pages_have_what_they_build_on() -> Problems:
    """A project that had no pages so far may lack some of it: a 500, or a message nobody sees."""
    listed = [import_string(each) for each in settings.MIDDLEWARE]
    for needed in (SessionMiddleware, AuthenticationMiddleware, MessageMiddleware):
        if not any(isinstance(each, type) and issubclass(each, needed) for each in listed):
            path = f"{needed.__module__}.{needed.__name__}"
            yield f"The pages need {needed.__name__}.", f"Add {path} to MIDDLEWARE."
    for path in _CONTEXT_PROCESSORS:
        if path not in Engine.get_default().context_processors:
            yield f"The pages need {path}.", "Add it to the context processors of TEMPLATES."


@check("W009")
def sqlite_takes_turns() -> Problems:
    """Without this, two who write at once are told that the database is locked."""
    database = connections[router.db_for_write(AlloyUser)]
    mode = database.settings_dict.get("OPTIONS", {}).get("transaction_mode")
    if database.vendor == "sqlite" and mode != "IMMEDIATE":
        yield (
            "Workers and visitors will get in each other's way: “database is locked”.",
            'Add {"transaction_mode": "IMMEDIATE", "timeout": 20} to the OPTIONS of SQLite.',
        )


@check("E011")
def tables_belong_to_the_tenant_model() -> Problems:
    """ALLOY_TENANT_MODEL was set after the first migrate: the next new tenant would fail."""
    wanted = conf.tenant_class()._meta.db_table
    found = _table_of_tenants()
    if found and found != wanted:
        yield (
            f"ALLOY_TENANT_MODEL is {conf.tenant_model()}, but the tables of integrations point to"
            f" {found}: they were made before it was set.",
            "Where they hold nothing yet, run `migrate integrations zero` (and the same for the"
            " apps alloy_...) with the old setting, then `migrate` with the new one.",
        )


@receiver(pre_migrate)
def tenants_have_a_table_to_refer_to(sender: AppConfig, **_: Any) -> None:
    """Stop `migrate` where it would fail halfway, or need an order that the next one cannot have.

    No check does this: a check would stop `makemigrations`, too.
    """
    app_label = conf.tenant_model().partition(".")[0]
    is_known = app_label in settings.MIGRATION_MODULES or conf.tenant_made_by()
    if sender.name == _ME and not is_known:
        raise CommandError(
            f"No migration makes {conf.tenant_model()} yet, to which the tables of integrations"
            f" refer: run `manage.py makemigrations {app_label}` first."
        )


@check("E012")
def parts_come_before_the_core() -> Problems:
    """The templates of a part build on those of the same name in the core."""
    names = [each.name for each in apps.get_app_configs()]
    for name in names[names.index(_ME) :]:
        if name.startswith(f"{_ME}.contrib."):
            yield f"{name} comes after {_ME} in INSTALLED_APPS.", f"List it before {_ME}."


@check("E013")
def settings_are_where_they_are_read() -> Problems:
    """A setting beside the dict would be silently ignored."""
    for name in conf.Alloy.model_fields:
        if hasattr(settings, f"ALLOY_{name}"):
            yield f"ALLOY_{name} is read by nobody.", f"Move it into the dict: ALLOY['{name}']."


@check("W015")
def urls_are_included() -> Problems:
    """Without them there is neither a page nor a webhook; and webhooks have no language."""
    try:
        paths = {_path_of_webhooks(language) for language in ("en", "de")}
    except NoReverseMatch:
        hint = 'Add path("", include("integrations.urls")) to your URLconf, under any prefix.'
        yield "The URLs of integrations are not included.", hint
        return
    if len(paths) > 1:
        hint = "Move the include out of i18n_patterns: pages answer in the browser's language."
        yield "The URLs of webhooks change with the language, and Alloy knows one only.", hint


@check("W017")
def there_is_a_login_page() -> Problems:
    """Whoever opens the integrations page without being logged in is sent there."""
    try:
        url = urlsplit(resolve_url(settings.LOGIN_URL))
        if not url.netloc and url.path.startswith(get_script_prefix()):
            resolve("/" + url.path.removeprefix(get_script_prefix()))
    except (NoReverseMatch, Resolver404):
        yield (
            f"LOGIN_URL is {settings.LOGIN_URL}, and there is no such page.",
            'Set it to a login page of yours, or to "admin:login".',
        )


@check("E016")
def base_template_shows_the_pages() -> Problems:
    """A block that the host's base template does not have makes a blank page, with status 200."""
    try:
        html = _rendered_base()
    except (TemplateDoesNotExist, TemplateSyntaxError) as error:
        hint = "The pages extend integrations/base.html: mend what it extends, loads or includes."
        yield f"integrations/base.html fails with {type(error).__name__}: {error}.", hint
        return
    except Exception:  # it needs what only a real request has
        return
    for block in _BLOCKS:
        if _probe(block) not in html:
            yield (
                f"integrations/base.html shows nothing of the block {block}, so pages stay blank.",
                "Map it to a block of the template that it extends: see"
                " docs/use-it-in-your-project.md.",
            )


def _rendered_base() -> str:
    blocks = "".join(f"{{% block {name} %}}{_probe(name)}{{% endblock %}}" for name in _BLOCKS)
    template = Engine.get_default().from_string(f'{{% extends "{_ME}/base.html" %}}{blocks}')
    request: Any = HttpRequest()
    request.user, request.session = AnonymousUser(), {}
    return template.render(RequestContext(request))


def _path_of_webhooks(language: str) -> str:
    with translation.override(language):
        return reverse("alloy_webhooks:webhook", args=["token", "orders"])


def _probe(block: str) -> str:
    return f"probe-of-{block}"


def _tenants() -> str:
    return str(conf.tenant_class()._meta.verbose_name_plural)


def _table_of_tenants() -> str:
    """Return the table that the tenants' foreign key really points to; "" where none is yet."""
    database = connections[router.db_for_read(AlloyUser)]
    try:
        with database.cursor() as cursor:
            table = AlloyUser._meta.db_table
            return database.introspection.get_relations(cursor, table).get("tenant_id", ("", ""))[1]
    except DatabaseError:
        return ""
