"""The API calls that came in and the webhooks that went out."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse

from alloy_sandbox.control import services
from alloy_sandbox.control.selectors import readable
from alloy_sandbox.core.errors import NotFound
from alloy_sandbox.core.models import ApiRequest, WebhookDelivery
from alloy_sandbox.dashboard import selectors
from alloy_sandbox.dashboard.framing import action, page, show

LONGEST_SHOWN = 50_000


@page
def requests(request: HttpRequest) -> HttpResponse:
    return show(request, "requests", rows=selectors.requests(request))


@page
def call(request: HttpRequest, pk: int) -> HttpResponse:
    found = ApiRequest.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("API call")
    return show(request, "request", call=found, body=pretty(found.body))


@page
def webhooks(request: HttpRequest) -> HttpResponse:
    return show(request, "webhooks", rows=selectors.webhooks(request))


@page
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    found = WebhookDelivery.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("Webhook")
    rows = selectors.one_page(request, found.attempts.order_by("-pk"))
    return show(request, "webhook", delivery=found, rows=rows, body=pretty(found.body))


@action(back="webhook")
def send_again(request: HttpRequest, pk: int) -> str:
    services.redeliver(pk)
    return "The webhook is on its way again, with the same body and signature."


def pretty(body: str) -> str:
    """Return JSON with line breaks, and anything else as it is; the beginning of what is long."""
    read = readable(body)
    text = body if isinstance(read, str) else json.dumps(read, indent=2, ensure_ascii=False)
    return f"{text[:LONGEST_SHOWN]} …" if len(text) > LONGEST_SHOWN else text
