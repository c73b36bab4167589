"""The URLs that webhooks come to: as they are pasted into Alloy, and as Alloy signs them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.http import HttpRequest
from django.urls import get_script_prefix, reverse

from integrations import conf

# With or without the last slash: a redirect would lose what Alloy posted.
ROUTE = r"(?P<token>[^/]+)/(?P<kind>installations|orders|errors)/?$"

USER_ID = "{userId}"
"""Stands where the builder fills in whose data it is."""

_LEGAL_IN_A_PATH = "/:@!$&'()*+,;="  # RFC 3986, section 3.3


@dataclass(frozen=True)
class Destination:
    """A webhook URL and the place at Alloy it is pasted into."""

    kind: str
    where: str
    url: str


def destinations() -> list[Destination]:
    """Return the three URLs, with the current token; `{userId}` is for the builder to fill in.

    Raises `NoReverseMatch` where the project has not included integrations.urls. The places are
    those of [integration-installation-webhook], [data-streaming] and [handling-errors].
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


def public_url(request: HttpRequest) -> str:
    """Return the URL that Alloy signed: our configured origin, with path and query as they came.

    That is the whole URL as Alloy has it [rsa-header-signature]. Never the Host header: behind a
    proxy it is another one, and a client may forge it. A path prefix that a proxy adds or cuts off
    is part of what is configured, so the server's is left out.
    """
    query = request.META.get("QUERY_STRING", "")
    return conf.webhook_base_url() + _path_as_sent(request) + (f"?{query}" if query else "")


def _path_as_sent(request: HttpRequest) -> str:
    """Return the path's own bytes where the server tells them (gunicorn, uWSGI), else the usual
    spelling: a path that was encoded on the way is not the one that was signed."""
    sent = request.META.get("RAW_URI") or request.META.get("REQUEST_URI")
    if not sent:
        return quote(request.path_info, safe=_LEGAL_IN_A_PATH)
    path = sent.partition("?")[0] if sent.startswith("/") else urlsplit(sent).path
    return str(path.removeprefix(request.META.get("SCRIPT_NAME", "").rstrip("/")))
