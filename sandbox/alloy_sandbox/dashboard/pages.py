"""The pages, which are only read."""

from __future__ import annotations

import json
import uuid

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.generic import RedirectView

from alloy_sandbox.connectivity.connectors import find_connector
from alloy_sandbox.connectivity.services.notion import blocks_by_parent, content_of
from alloy_sandbox.control.traffic import readable
from alloy_sandbox.core.access import find_user
from alloy_sandbox.core.models import Account, ApiRequest, Fault, Item, WebhookDelivery
from alloy_sandbox.core.preferences import destinations, preferences
from alloy_sandbox.core.selectors import find
from alloy_sandbox.dashboard import selectors
from alloy_sandbox.dashboard.frame import act, page, show
from alloy_sandbox.dashboard.selectors import CARDS, one_page
from alloy_sandbox.embedded import stores as shops

BLOCKS = 200
LONGEST_SHOWN = 50_000
LABELS = {
    "installations": "After an installation",
    "orders": "When an order is placed (Stream Data)",
    "errors": "When a workflow fails",
}


@page
def overview(request: HttpRequest) -> HttpResponse:
    rows = one_page(request, selectors.integrations(request), CARDS)
    return show(request, "overview", totals=selectors.totals(), rows=rows)


@page
def users(request: HttpRequest) -> HttpResponse:
    return show(request, "users", rows=selectors.users(request))


@page
def user(request: HttpRequest, user_id: str) -> HttpResponse:
    found = find_user(user_id)
    return show(request, "user", user=found, rows=selectors.integrations_of(found, request))


@page
def stores(request: HttpRequest) -> HttpResponse:
    return show(request, "stores", rows=selectors.shopkeepers(request))


@page
def store(request: HttpRequest, user_id: str) -> HttpResponse:
    owner = find_user(user_id)
    listens = shops.listeners(owner).exists()
    rows = one_page(request, owner.orders.order_by("-pk"))
    return show(request, "store", owner=owner, rows=rows, listens=listens)


@page
def services(request: HttpRequest) -> HttpResponse:
    chosen = preferences()
    return show(request, "services", rows=selectors.accounts(request), preferences=chosen)


@page
def service(request: HttpRequest, account_id: str) -> HttpResponse:
    accounts = Account.objects.select_related("user").prefetch_related("credentials")
    account = find("Account", accounts, pk=account_id)
    connector = find_connector(account.connector)
    rows = one_page(request, connector.shown(account), CARDS)
    return show(request, "service", account=account, service=connector, rows=rows)


@page
def notion_page(request: HttpRequest, page_id: uuid.UUID) -> HttpResponse:
    pages = Item.objects.filter(kind="page").select_related("account__user")
    found = find("Page", pages, pk=str(page_id))
    rows = one_page(request, content_of(found, blocks_by_parent(found.account)), BLOCKS)
    return show(request, "notion_page", notion_page=found, rows=rows)


@page
def requests(request: HttpRequest) -> HttpResponse:
    return show(request, "requests", rows=selectors.requests(request))


@page
def call(request: HttpRequest, pk: int) -> HttpResponse:
    found = find("API call", ApiRequest.objects.all(), pk=pk)
    return show(request, "request", call=found, body=pretty(found.body))


@page
def webhooks(request: HttpRequest) -> HttpResponse:
    return show(request, "webhooks", rows=selectors.webhooks(request))


@page
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    found = find("Webhook", WebhookDelivery.objects.all(), pk=pk)
    rows = one_page(request, found.attempts.order_by("-pk"))
    return show(request, "webhook", delivery=found, rows=rows, body=pretty(found.body))


def pretty(body: str) -> str:
    """Return JSON with line breaks, and anything else as it is; the beginning of what is long."""
    read = readable(body)
    text = body if isinstance(read, str) else json.dumps(read, indent=2, ensure_ascii=False)
    return f"{text[:LONGEST_SHOWN]} …" if len(text) > LONGEST_SHOWN else text


@page
def faults(request: HttpRequest) -> HttpResponse:
    return show(request, "faults", rows=one_page(request, Fault.objects.order_by("-pk")))


@page
def where_to(request: HttpRequest) -> HttpResponse:
    chosen = destinations().model_dump()
    fields = [
        {"name": name, "label": label, "value": request.GET.get(name, chosen[name])}
        for name, label in LABELS.items()
    ]
    return show(request, "destinations", fields=fields)


@page
def reset(request: HttpRequest) -> HttpResponse:
    return show(request, "reset")


urls = (
    [
        path("", overview, name="overview"),
        path("_sandbox", RedirectView.as_view(pattern_name="dashboard:overview")),
        path("dashboard/do/<slug:method>/<path:call>", act, name="do"),
        path("dashboard/users", users, name="users"),
        path("dashboard/users/<str:user_id>", user, name="user"),
        path("dashboard/stores", stores, name="stores"),
        path("dashboard/stores/<str:user_id>", store, name="store"),
        path("dashboard/services", services, name="services"),
        path("dashboard/services/<str:account_id>", service, name="service"),
        path("dashboard/services/notion/<uuid:page_id>", notion_page, name="notion-page"),
        path("dashboard/requests", requests, name="requests"),
        path("dashboard/requests/<int:pk>", call, name="request"),
        path("dashboard/webhooks", webhooks, name="webhooks"),
        path("dashboard/webhooks/<int:pk>", webhook, name="webhook"),
        path("dashboard/faults", faults, name="faults"),
        path("dashboard/destinations", where_to, name="destinations"),
        path("dashboard/reset", reset, name="reset"),
    ],
    "dashboard",
)
