"""The settings this app reads. Nothing else in the app reads settings.

    ALLOY_TENANT_MODEL = "shops.Shop"  # set it before the first migrate
    ALLOY = {"API_KEY": "...", "WEBHOOK_BASE_URL": "https://...", "WEBHOOK_TOKENS": ["..."]}

Each key of `ALLOY` is a field of `Alloy` below, with its default. What makes no sense stops the
start with one sentence.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from importlib import import_module
from inspect import iscoroutinefunction, signature
from pkgutil import iter_modules
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.db.migrations import CreateModel, Migration, RenameModel
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.http import HttpRequest
from django.utils.module_loading import import_string
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from integrations.alloy import Hosts

_MONTH = "(0[1-9]|1[0-2])"
_ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
_ADDRESS = re.compile(r"https?://[^\s?#@/]+(/[^\s?#@]*)?")
_Token = Annotated[str, Field(pattern="^[A-Za-z0-9._~-]{16,}$")]


class Alloy(BaseModel):
    """The keys of `ALLOY`; times are in seconds where nothing else is said."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    API_KEY: str = Field("", pattern="^[!-~]*$")
    REGION: Literal["us", "eu"] = "us"
    SANDBOX_URL: str = Field("", description="Set: every host of Alloy is that one.")
    API_VERSION: str = Field("2023-12", pattern=rf"^20\d\d-{_MONTH}$")
    CONNECTIVITY_VERSION: str = Field(
        "2025-09", pattern=rf"^2025-(0[6-9]|1[0-2])$|^20(2[6-9]|[3-9]\d)-{_MONTH}$"
    )
    ENVIRONMENT: str = Field(
        "", max_length=64, pattern=_ONE_LINE, description="See `Account.environment`."
    )
    INSTALLATION: str = Field(
        "",
        max_length=60,
        pattern=_ONE_LINE,
        description="Begins the names of Alloy users; the site's host by default.",
    )
    TENANT_OF_REQUEST: str = Field(
        "integrations.pages.access.user_of",
        description="The function from a request to its tenant.",
    )
    DELETE_AT_ALLOY: bool = Field(
        False, description="Whether deleting a tenant's row erases the tenant at Alloy, too."
    )
    WEBHOOK_BASE_URL: str = Field("", description="The public origin that Alloy posts to.")
    WEBHOOK_TOKENS: tuple[_Token, ...] = Field((), description="The current one, then older ones.")
    WEBHOOK_MAX_BYTES: int = Field(2 * 1024 * 1024, ge=1, le=100 * 1024 * 1024)
    INTEGRATIONS_MAX_AGE: float = Field(
        60, ge=0, le=86400, description="How long a copy counts as fresh."
    )
    CALL_DEADLINE: float = Field(8, ge=0.1, description="After so long a call is given up.")
    LEASE_SECONDS: float = Field(20, le=3600, description="After so long a worker counts as dead.")
    MAX_ATTEMPTS: int = Field(
        40, ge=1, le=1000, description="Failures that make a dead letter; 40 outlast two hours."
    )
    RETENTION_DAYS: float = Field(30, ge=1, le=36500, description="How long is kept what is done.")

    @field_validator("*", mode="before")
    @classmethod
    def _counts(cls, value: Any, info: ValidationInfo) -> Any:
        kind = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and kind in (int, float):
            raise ValueError(f"it must be a number, not {value}")
        return value

    @model_validator(mode="after")
    def _makes_sense(self) -> Alloy:
        if self.SANDBOX_URL and self.API_KEY and not self.API_KEY.startswith("sandbox_"):
            raise ValueError(
                "API_KEY and SANDBOX_URL are both set, and a real key must never be sent to the"
                " sandbox: remove one of them"
            )
        if self.WEBHOOK_BASE_URL and not _is_address(self.WEBHOOK_BASE_URL):
            raise ValueError(
                "WEBHOOK_BASE_URL must be the address that the world reaches this site at, such as"
                " https://acme.example"
            )
        if self.LEASE_SECONDS <= 2 * self.CALL_DEADLINE:
            raise ValueError(
                "LEASE_SECONDS must be more than twice CALL_DEADLINE, since a worker makes up to"
                " two calls under one lease"
            )
        return self


@dataclass(frozen=True, repr=False)
class Account:
    """The Alloy account we talk to: key, hosts and API version."""

    api_key: str
    hosts: Hosts
    version: str

    @property
    def stand_in(self) -> str:
        """The one origin that stands in for all of Alloy, such as a sandbox, or ""."""
        return self.hosts.app if self.hosts.app == self.hosts.cdn else ""

    @property
    def environment(self) -> str:
        """A short name for the key's environment, which says nothing about the key.

        An Alloy userId is valid in one environment only, so every row that depends on one carries
        this name. Name it yourself with ENVIRONMENT before you rotate a key, and the ids carry
        over; by default another key is another environment.
        """
        return read().ENVIRONMENT or _fingerprint(f"{self.hosts.embedded}|{self.api_key}")


_WANTED = {
    "API_KEY": "a key as Alloy shows it: printable ASCII without spaces",
    "API_VERSION": "a month, such as '2023-12'",
    "CONNECTIVITY_VERSION": "a month from '2025-06' on, when the Connectivity API began",
    "ENVIRONMENT": "one line of text",
    "INSTALLATION": "one line of text",
    "WEBHOOK_TOKENS": "a list of tokens of 16 characters or more, out of letters, digits and -._~",
}


@cache
def read() -> Alloy:
    """Return the settings; raises `ImproperlyConfigured` with one sentence for nonsense."""
    given = getattr(settings, "ALLOY", {})
    if not isinstance(given, dict):
        raise ImproperlyConfigured("ALLOY must be a dict, such as {'API_KEY': '...'}.")
    try:
        return Alloy.model_validate(given)
    except ValidationError as error:
        raise ImproperlyConfigured(_sentence(error)) from None


@cache
def account() -> Account:
    """Return the account the settings describe; raises `ImproperlyConfigured`."""
    alloy = read()
    key = alloy.API_KEY or ("sandbox_demo" if alloy.SANDBOX_URL else "")
    try:
        hosts = Hosts.at(alloy.SANDBOX_URL) if alloy.SANDBOX_URL else Hosts.for_region(alloy.REGION)
    except ValueError:
        raise ImproperlyConfigured(
            "ALLOY['SANDBOX_URL'] is wrong: it must be an origin such as http://localhost:8001,"
            " with nothing behind it."
        ) from None
    return Account(api_key=key, hosts=hosts, version=alloy.API_VERSION)


def environment() -> str:
    """Return the name of the environment that rows made now belong to."""
    return account().environment


def installation() -> str:
    """Return what the names of this installation's Alloy users begin with."""
    return read().INSTALLATION or urlsplit(webhook_base_url()).hostname or "django"


def tenant_model() -> str:
    """Return the `app_label.Model` that owns an Alloy user; the user model unless set."""
    named = getattr(settings, "ALLOY_TENANT_MODEL", settings.AUTH_USER_MODEL)
    if not (isinstance(named, str) and re.fullmatch(r"\w+\.\w+", named)):
        raise ImproperlyConfigured(
            f"ALLOY_TENANT_MODEL is {named!r}: it must be 'app_label.Model', such as 'shops.Shop'."
        )
    return named


def tenant_class() -> Any:
    """Return the model itself; raises `ImproperlyConfigured` where no app has it."""
    try:
        return apps.get_model(tenant_model())
    except LookupError as error:
        raise ImproperlyConfigured(
            f"ALLOY_TENANT_MODEL is {tenant_model()!r}, and no installed app has that model: define"
            " it, or name another."
        ) from error


def tenant_of_request() -> Callable[[HttpRequest], Any]:
    """Return the function from a request to its tenant; raises `ImproperlyConfigured`."""
    named = read().TENANT_OF_REQUEST
    try:
        function: Any = import_string(named)
        signature(function).bind(HttpRequest())
        if iscoroutinefunction(function):
            raise TypeError("it is async, and the pages are not")
    except (ImportError, TypeError, ValueError) as error:
        raise ImproperlyConfigured(
            f"ALLOY['TENANT_OF_REQUEST'] is {named!r}, which is no function from a request to its"
            f" tenant: {error}."
        ) from error
    return function  # type: ignore[no-any-return]


def tenant_migration() -> tuple[str, str]:
    """Return what migrations depend on: the one that makes the tenant model.

    It is looked for, unless ALLOY_TENANT_MODEL_MIGRATION names it. Where there is none yet, Django
    skips what is returned: a first migration that waits for the first of its own app.
    """
    name = tenant_migration_named() or tenant_made_by()
    return (tenant_model().partition(".")[0], name) if name else ("integrations", "__first__")


def tenant_migration_named() -> str:
    """Return ALLOY_TENANT_MODEL_MIGRATION, or ""; raises `ImproperlyConfigured` for no such one."""
    named = getattr(settings, "ALLOY_TENANT_MODEL_MIGRATION", "")
    app_label = tenant_model().partition(".")[0]
    if named and named not in ("__first__", "__latest__", *_migrations_of(app_label)):
        raise ImproperlyConfigured(
            f"ALLOY_TENANT_MODEL_MIGRATION is {named!r}, and the app {app_label} has no such"
            " migration: name one that it has, or make it first, without this setting."
        )
    return str(named)


def tenant_made_by() -> str:
    """Return the name of the migration that makes the tenant model, or ""."""
    app_label, _, model = tenant_model().partition(".")
    package, _ = MigrationLoader.migrations_module(app_label)
    for name in _migrations_of(app_label):
        migration = getattr(import_module(f"{package}.{name}"), "Migration", Migration)
        if model.lower() in map(_made_by, migration.operations):
            return name
    return ""


def users_are_tenants() -> bool:
    """Say whether every user is a tenant; elsewhere they are members of one, say a company."""
    return tenant_model().lower() == settings.AUTH_USER_MODEL.lower()


def webhook_base_url() -> str:
    """Return the public origin (and path prefix, if any) that Alloy posts to."""
    return read().WEBHOOK_BASE_URL.rstrip("/")


def secrets() -> tuple[str, ...]:
    """Return what must never be seen in a log: the API key and the webhook tokens."""
    return (account().api_key, *read().WEBHOOK_TOKENS)


def lease() -> timedelta:
    """Return how long a worker may hold a message group or delivery before others may take it."""
    return timedelta(seconds=read().LEASE_SECONDS)


def retention() -> timedelta:
    """Return how long delivered messages and processed deliveries are kept."""
    return timedelta(days=read().RETENTION_DAYS)


def _migrations_of(app_label: str) -> list[str]:
    package, _ = MigrationLoader.migrations_module(app_label)
    try:
        return sorted(each.name for each in iter_modules(import_module(package or "").__path__))
    except (ImportError, ValueError):  # the app has none
        return []


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return bool(_ADDRESS.fullmatch(text) and parts.hostname) and parts.port != 0
    except ValueError:  # an unclosed bracket, a port that is none
        return False


def _made_by(operation: Operation) -> str:
    if isinstance(operation, RenameModel):
        return operation.new_name_lower
    return operation.name_lower if isinstance(operation, CreateModel) else ""


def _sentence(error: ValidationError) -> str:
    """Say what is wrong first; the values are not told, since some are secret."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, Alloy.model_fields, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else "."
        return f"ALLOY[{name!r}] is no setting of integrations{meant}"
    told = first["msg"].removeprefix("Value error, ")
    if first["type"] == "string_pattern_mismatch":
        told = f"it must be {_WANTED[name]}"
    return f"ALLOY[{name!r}] is wrong: {told}." if name else f"ALLOY is wrong: {told}."


@lru_cache(maxsize=16)
def _fingerprint(text: str) -> str:
    return hashlib.sha256(f"alloy-environment|{text}".encode()).hexdigest()[:16]


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "ALLOY":
        read.cache_clear()
        account.cache_clear()


setting_changed.connect(_forget)
