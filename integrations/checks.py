"""System checks: a wrong set-up is said at start, with its cure."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.core.checks import CheckMessage, Error, Warning, register
from django.db import connections, router
from django.utils.module_loading import import_string

from integrations import client, conf
from integrations.models import MessageGroup
from integrations.strength import weakness

_TOKEN = re.compile(r"[A-Za-z0-9._~-]{16,}")
_ADDRESS = re.compile(r"https?://[^\s?#@/]+(/[^\s?#@]*)?")


@register()
def webhook_urls_cannot_be_guessed(**_: Any) -> list[CheckMessage]:
    """E001: a webhook token that is missing or short would let anybody in.

    One with other characters would be written in more than one way in a URL, which is signed.
    """
    tokens = conf.webhook_tokens()
    if tokens and all(_TOKEN.fullmatch(token) for token in tokens):
        return []
    return [
        Error(
            "ALLOY_WEBHOOK_TOKENS needs at least one token, and all of 16 characters or more out"
            " of letters, digits and -._~.",
            hint="Make one with `openssl rand -hex 32` and paste it into the URLs at Alloy, too.",
            id="integrations.E001",
        )
    ]


@register(deploy=True)
def webhook_tokens_are_strong(**_: Any) -> list[CheckMessage]:
    """W010: a token that only looks long may still be guessed."""
    return [
        Warning(
            f"A token of ALLOY_WEBHOOK_TOKENS {why}.",
            hint="Make one with `openssl rand -hex 32` and paste it into the URLs at Alloy, too.",
            id="integrations.W010",
        )
        for why in {weakness(token) for token in conf.webhook_tokens()} - {""}
    ]


@register()
def lease_outlasts_two_calls(**_: Any) -> list[CheckMessage]:
    """E002: with a shorter lease two workers could send the same message at once."""
    if conf.lease().total_seconds() > 2 * conf.call_deadline():
        return []
    return [
        Error(
            "ALLOY_LEASE_SECONDS must be more than twice ALLOY_CALL_DEADLINE.",
            hint="A worker makes up to two calls under one lease.",
            id="integrations.E002",
        )
    ]


@register(deploy=True)
def webhook_origin_is_https(**_: Any) -> list[CheckMessage]:
    """W003: Alloy posts orders to this origin."""
    if conf.webhook_base_url().startswith("https://"):
        return []
    return [
        Warning(
            "ALLOY_WEBHOOK_BASE_URL is not https, so orders would travel in the open.",
            id="integrations.W003",
        )
    ]


@register()
def account_makes_sense(**_: Any) -> list[CheckMessage]:
    """E004: what no client can be made of, no call can be made with."""
    try:
        client.alloy()
        client.connectivity()
    except ValueError as error:
        return [
            Error(
                f"There is no such account at Alloy. {error}",
                hint="It is set by ALLOY_API_KEY, ALLOY_REGION or ALLOY_HOSTS, ALLOY_API_VERSION"
                " and ALLOY_CONNECTIVITY_VERSION.",
                id="integrations.E004",
            )
        ]
    return []


@register()
def webhook_origin_is_an_address(**_: Any) -> list[CheckMessage]:
    """E005: Alloy signs the address it posts to, and we check the signature with this one."""
    if _is_address(conf.webhook_base_url()):
        return []
    return [
        Error(
            "ALLOY_WEBHOOK_BASE_URL must be an address such as https://acme.example.",
            hint="Set it to the origin that the world reaches this site at.",
            id="integrations.E005",
        )
    ]


@register()
def tenant_can_be_found(**_: Any) -> list[CheckMessage]:
    """E006: every page asks this function for whom it is."""
    try:
        import_string(conf.tenant_of_request())
    except ImportError as error:
        return [
            Error(
                f"ALLOY_TENANT_OF_REQUEST names no function. {error}",
                hint="Set it to the dotted path of one that takes a request.",
                id="integrations.E006",
            )
        ]
    return []


@register()
def templates_have_what_they_load(**_: Any) -> list[CheckMessage]:
    """E007: the pages write times and numbers as people do."""
    if apps.is_installed("django.contrib.humanize"):
        return []
    return [
        Error("Add django.contrib.humanize to INSTALLED_APPS.", id="integrations.E007"),
    ]


@register()
def database_is_used_as_it_has_to_be(**_: Any) -> list[CheckMessage]:
    """W008, W009: what works for one visitor and one worker, and fails for several."""
    database = connections[router.db_for_write(MessageGroup)]
    found: list[CheckMessage] = []
    if database.settings_dict.get("ATOMIC_REQUESTS"):
        told = "ATOMIC_REQUESTS is on, so pages call Alloy while they hold a transaction open."
        found.append(Warning(told, hint="Switch it off.", id="integrations.W008"))
    mode = database.settings_dict.get("OPTIONS", {}).get("transaction_mode")
    if database.vendor == "sqlite" and mode != "IMMEDIATE":
        told = "Workers and visitors will get in each other's way: “database is locked”."
        hint = 'Add {"transaction_mode": "IMMEDIATE", "timeout": 20} to the OPTIONS of SQLite.'
        found.append(Warning(told, hint=hint, id="integrations.W009"))
    return found


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return bool(_ADDRESS.fullmatch(text) and parts.hostname) and parts.port != 0
    except ValueError:  # an unclosed bracket, a port that is none
        return False
