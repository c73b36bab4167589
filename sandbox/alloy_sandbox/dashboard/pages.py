"""The pages, which are only read."""

from __future__ import annotations

import json
import uuid

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from alloy_sandbox.connectivity.providers.notion.workspace import content_of
from alloy_sandbox.control.selectors import find, find_page, readable
from alloy_sandbox.core.models import ApiRequest, Fault, StoreOrder, WebhookDelivery, Workflow
from alloy_sandbox.core.preferences import preferences
from alloy_sandbox.core.selectors import find_user
from alloy_sandbox.dashboard import accounts, selectors
from alloy_sandbox.dashboard.forms import (
    DestinationsForm,
    FaultForm,
    NewFieldForm,
    OrderForm,
    PreferencesForm,
)
from alloy_sandbox.dashboard.framing import page, show
from alloy_sandbox.dashboard.selectors import CARDS, one_page
from alloy_sandbox.webhooks import destinations as addresses

BLOCKS = 200
LONGEST_SHOWN = 50_000


@page
def overview(request: HttpRequest) -> HttpResponse:
    rows = one_page(request, selectors.integrations(request), CARDS)
    integrations = [
        (integration, [(each, new_field(each)) for each in integration.workflows.all()])
        for integration in rows
    ]
    totals = selectors.totals()
    return show(request, "overview", totals=totals, rows=rows, integrations=integrations)


def new_field(workflow: Workflow) -> NewFieldForm:
    """Return the form for one workflow, with ids of its own: the page has one per workflow."""
    return NewFieldForm(auto_id=f"{workflow.workflow_id}-%s")


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
    orders = StoreOrder.objects.filter(store__user=owner).order_by("-pk")
    listens = owner.installations.filter(
        active=True, workflow__behaviour=Workflow.Behaviour.STREAM_ORDER
    ).exists()
    rows = one_page(request, orders)
    return show(request, "store", owner=owner, rows=rows, form=OrderForm(), listens=listens)


@page
def services(request: HttpRequest) -> HttpResponse:
    form = PreferencesForm(initial=preferences().model_dump())
    return show(request, "services", rows=accounts.connected_accounts(request), form=form)


@page
def service(request: HttpRequest, account_id: str) -> HttpResponse:
    found = accounts.find_account(account_id)
    rows = one_page(request, found.contents(), CARDS)
    return show(request, "service", connected=found, account=found.account, rows=rows)


@page
def notion_page(request: HttpRequest, page_id: uuid.UUID) -> HttpResponse:
    found = find_page(page_id)
    rows = one_page(request, content_of(found), BLOCKS)
    return show(request, "notion_page", notion_page=found, rows=rows)


@page
def requests(request: HttpRequest) -> HttpResponse:
    return show(request, "requests", rows=selectors.requests(request))


@page
def call(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(ApiRequest.objects.all(), pk, "API call")
    return show(request, "request", call=found, body=pretty(found.body))


@page
def webhooks(request: HttpRequest) -> HttpResponse:
    return show(request, "webhooks", rows=selectors.webhooks(request))


@page
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(WebhookDelivery.objects.all(), pk, "Webhook")
    rows = one_page(request, found.attempts.order_by("-pk"))
    return show(request, "webhook", delivery=found, rows=rows, body=pretty(found.body))


def pretty(body: str) -> str:
    """Return JSON with line breaks, and anything else as it is; the beginning of what is long."""
    read = readable(body)
    text = body if isinstance(read, str) else json.dumps(read, indent=2, ensure_ascii=False)
    return f"{text[:LONGEST_SHOWN]} …" if len(text) > LONGEST_SHOWN else text


@page
def faults(request: HttpRequest) -> HttpResponse:
    return show_faults(request, FaultForm())


def show_faults(request: HttpRequest, form: FaultForm) -> HttpResponse:
    rows = one_page(request, Fault.objects.order_by("-pk"))
    status = 422 if form.errors else 200
    here = reverse("dashboard:faults")  # where the links of a refused form lead, too
    return show(request, "faults", status=status, rows=rows, form=form, here=here)


@page
def destinations(request: HttpRequest) -> HttpResponse:
    return show_destinations(request, DestinationsForm(initial=addresses.destinations()))


def show_destinations(request: HttpRequest, form: DestinationsForm) -> HttpResponse:
    return show(request, "destinations", status=422 if form.errors else 200, form=form)


@page
def reset(request: HttpRequest) -> HttpResponse:
    return show(request, "reset")
