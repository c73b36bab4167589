"""The URLs that webhooks come to, to be pasted into Alloy's dashboard and builder."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import get_script_prefix, reverse

from integrations import conf

USER_ID = "{userId}"
"""Stands where the builder fills in whose data it is."""


@dataclass(frozen=True)
class Destination:
    """A webhook URL and the place at Alloy it is pasted into."""

    kind: str
    where: str
    url: str


def destinations() -> list[Destination]:
    """Return the three URLs, with the current token; `{userId}` is for the builder to fill in.

    Raises `NoReverseMatch` where the project has not included integrations.urls.
    """
    installations = "Settings > General > Integration Installation Webhook"
    orders, errors = "Stream Data block > Destination URL", "Settings > Logging > Route Error Logs"
    return [
        Destination("installations", installations, _url_of("installations")),
        Destination("orders", orders, _url_of("orders") + f"?userId={USER_ID}"),
        Destination("errors", errors, _url_of("errors") + f"?userId={USER_ID}"),
    ]


def _url_of(kind: str) -> str:
    path = reverse("alloy_webhooks:webhook", args=[conf.read().WEBHOOK_TOKENS[0], kind])
    # A prefix that a proxy adds is part of the configured origin.
    return f"{conf.webhook_base_url()}/{path.removeprefix(get_script_prefix())}/"
