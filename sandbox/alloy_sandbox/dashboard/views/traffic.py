"""The API calls that came in and the webhooks that went out."""

from __future__ import annotations

import json

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from alloy_sandbox.core.errors import NotFound
from alloy_sandbox.core.models import ApiRequest, WebhookDelivery
from alloy_sandbox.dashboard import selectors
from alloy_sandbox.dashboard.framing import action, page, show
from alloy_sandbox.webhooks.queue import redeliver


@page
def requests(request: HttpRequest) -> HttpResponse:
    calls = selectors.newest_first(ApiRequest.objects.all(), request.GET.get("before"))
    return show(request, "requests", calls=calls)


@page
def call(request: HttpRequest, pk: int) -> HttpResponse:
    found = ApiRequest.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("API call")
    return show(request, "request", call=found, body=readable(found.body))


@page
def webhooks(request: HttpRequest) -> HttpResponse:
    deliveries = WebhookDelivery.objects.annotate(attempt_count=Count("attempts"))
    return show(
        request,
        "webhooks",
        deliveries=selectors.newest_first(deliveries, request.GET.get("before")),
    )


@page
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    found = _delivery(pk)
    return show(request, "webhook", delivery=found, body=readable(found.body))


@action(back="webhook")
def send_again(request: HttpRequest, pk: int) -> str:
    redeliver(delivery=_delivery(pk))
    return "The webhook is on its way again, with the same body and signature."


def readable(body: str) -> str:
    """Return JSON with line breaks, and anything else as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body


def _delivery(pk: int) -> WebhookDelivery:
    found = WebhookDelivery.objects.filter(pk=pk).prefetch_related("attempts").first()
    if found is None:
        raise NotFound("Webhook")
    return found
