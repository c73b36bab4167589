"""Django checks of what is unsafe in production; with DEBUG off an error stops the start."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured

from integrations.strength import weakness

in_production = register("production", deploy=True)

_TOO_WIDE = re.compile(r"\*|\.[\w-]+")
_HERE = re.compile(r"$|/|localhost$|127\.|::1$")
_URLS = {
    "default": "DATABASE_URL",
    "direct": "DATABASE_DIRECT_URL",
    "replica": "DATABASE_REPLICA_URL",
}
_LOSES_OR_SHOWS_MAIL = ("console", "dummy", "locmem")


@in_production
def secrets_are_strong(**_: Any) -> Iterable[CheckMessage]:
    """E001: no secret may be possible to guess."""
    secrets_by_name = (
        ("SECRET_KEY", 32, [settings.SECRET_KEY], "openssl rand -base64 48"),
        ("SECRET_KEY_FALLBACKS", 32, settings.SECRET_KEY_FALLBACKS, "openssl rand -base64 48"),
        ("ALLOY_WEBHOOK_TOKEN", 20, settings.ALLOY["WEBHOOK_TOKENS"], "openssl rand -hex 32"),
        ("METRICS_TOKEN", 20, filter(None, [settings.METRICS_TOKEN]), "openssl rand -hex 32"),
    )
    for name, least, secrets, command in secrets_by_name:
        for why in {weakness(secret, least=least) for secret in secrets} - {""}:
            yield Error(f"{name} {why}.", hint=f"Make one with `{command}`.", id="acmeco.E001")


@in_production
def hosts_are_named(**_: Any) -> Iterable[CheckMessage]:
    """E002: links in e-mails are built with the host a client names, so it must be one of ours."""
    hint = "List the host names AcmeCo is reached by, such as acme.example,.acme.example."
    if not settings.ALLOWED_HOSTS:
        yield Error("ALLOWED_HOSTS is not set.", hint=hint, id="acmeco.E002")
    for host in settings.ALLOWED_HOSTS:
        if _TOO_WIDE.fullmatch(host):
            told = f"ALLOWED_HOSTS has {host}, which lets anybody's host name in."
            yield Error(told, hint=hint, id="acmeco.E002")


@in_production
def alloy_is_the_live_one(**_: Any) -> Iterable[CheckMessage]:
    """E003: the sandbox has no access control."""
    if not settings.ALLOY_LIVE:
        told = "ALLOY_API_KEY is not set, and the sandbox is for development only."
        hint = "It is in Alloy's dashboard, under Settings > API Key."
        yield Error(told, hint=hint, id="acmeco.E003")


@in_production
def webhooks_arrive_encrypted(**_: Any) -> Iterable[CheckMessage]:
    """E004: orders would travel in the open."""
    if not settings.ALLOY["WEBHOOK_BASE_URL"].startswith("https://"):
        told = "ALLOY_WEBHOOK_BASE_URL, the public origin Alloy posts to, must start with https://."
        hint = "Set it to the address the world reaches AcmeCo at."
        yield Error(told, hint=hint, id="acmeco.E004")


@in_production
def mail_is_sent(**_: Any) -> Iterable[CheckMessage]:
    """E005: a link that resets a password must reach its owner, and nobody who reads a log."""
    if any(f".{name}." in settings.EMAIL_BACKEND for name in _LOSES_OR_SHOWS_MAIL):
        told = "EMAIL_URL names no mail server, so mails end in the log, or nowhere."
        hint = "Set it to one, such as smtp+tls://user:password@host:587."
        yield Error(told, hint=hint, id="acmeco.E005")


@in_production
def redis_is_who_it_says(**_: Any) -> Iterable[CheckMessage]:
    """W006: TLS without a certificate that is verified keeps nobody out."""
    if "ssl_cert_reqs=none" in settings.REDIS_URL:
        told = "REDIS_URL switches the check of certificates off, so anybody could pose as Redis."
        hint = "Name its authority with ssl_ca_certs=/path/to/ca.pem instead."
        yield Warning(told, hint=hint, id="acmeco.W006")


@in_production
def database_is_who_it_says(**_: Any) -> Iterable[CheckMessage]:
    """E007: what libpq does unasked, `prefer`, takes no encryption from whoever stands between."""
    for name, database in settings.DATABASES.items():
        hosts = set(database.get("HOST", "").split(","))
        is_told = {"sslmode", "service"} & database.get("OPTIONS", {}).keys()
        if all(_HERE.match(host) for host in hosts) or is_told or "PGSSLMODE" in os.environ:
            continue
        told = f"{_URLS.get(name, name)} does not say how a PostgreSQL elsewhere proves who it is."
        hint = (
            "Add ?sslmode=verify-full&sslrootcert=/path/to/ca.pem (`system` for a public"
            " authority), or ?sslmode=disable where the network is yours alone."
        )
        yield Error(told, hint=hint, id="acmeco.E007")


def unsafe() -> list[CheckMessage]:
    """Return what these checks find, as `manage.py check --deploy` does."""
    return run_checks(tags=["production"], include_deployment_checks=True)


def refuse_what_is_unsafe() -> None:
    """Stop the start of whatever process this is, with every reason and what to do.

    Gunicorn and Celery run no checks by themselves.
    """
    found = sorted(unsafe(), key=lambda each: str(each.id))
    if reasons := [f"{each.msg} {each.hint}" for each in found if each.is_serious()]:
        raise ImproperlyConfigured(
            "AcmeCo does not start in production like this:\n  "
            + "\n  ".join(reasons)
            + "\nFor development set DEBUG=true, or start with `make run`, which does."
        )
