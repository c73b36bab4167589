"""The small BigCommerce: each user's store and its orders."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from alloy_sandbox.control import services
from alloy_sandbox.core.models import StoreOrder, Workflow
from alloy_sandbox.core.selectors import find_user
from alloy_sandbox.dashboard import selectors
from alloy_sandbox.dashboard.forms import OrderForm, require_valid
from alloy_sandbox.dashboard.framing import action, page, show
from alloy_sandbox.stores.services import store_of


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
    rows = selectors.one_page(request, orders)
    return show(request, "store", owner=owner, rows=rows, form=OrderForm(), listens=listens)


@action(back="store")
def place_order(request: HttpRequest, user_id: str) -> str:
    form = OrderForm(request.POST)
    require_valid(form)
    fields = form.bigcommerce_fields(store_of(user=find_user(user_id)))
    order = services.place_order(user_id=user_id, fields=fields)
    return f"Order {order.number} is placed."
