"""System checks: a wrong set-up is said at start, with its cure."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register

from integrations import conf


@register()
def webhook_urls_cannot_be_guessed(**_: Any) -> list[CheckMessage]:
    """E001: a webhook token that is missing or short would let anybody in."""
    if conf.webhook_tokens() and all(len(token) >= 16 for token in conf.webhook_tokens()):
        return []
    return [
        Error(
            "ALLOY_WEBHOOK_TOKENS needs at least one token of 16 characters or more.",
            hint="Make one with `openssl rand -hex 32` and paste it into the URLs at Alloy, too.",
            id="integrations.E001",
        )
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
