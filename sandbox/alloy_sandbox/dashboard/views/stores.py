"""The small BigCommerce: each user's store and its orders."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from alloy_sandbox.core.models import StoreOrder, Workflow
from alloy_sandbox.core.selectors import find_user
from alloy_sandbox.dashboard import selectors
from alloy_sandbox.dashboard.forms import OrderForm, require_valid
from alloy_sandbox.dashboard.framing import action, page, show
from alloy_sandbox.stores import services


@page
def stores(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    return show(request, "stores", words=words, users=selectors.shopkeepers(words))


@page
def store(request: HttpRequest, user_id: str) -> HttpResponse:
    owner = find_user(user_id)
    orders = StoreOrder.objects.filter(store__user=owner)
    return show(
        request,
        "store",
        owner=owner,
        orders=selectors.newest_first(orders, request.GET.get("before")),
        form=OrderForm(),
        listens=owner.installations.filter(
            active=True, workflow__behaviour=Workflow.Behaviour.STREAM_ORDER
        ).exists(),
    )


@action(back="store")
def place_order(request: HttpRequest, user_id: str) -> str:
    form = OrderForm(request.POST)
    require_valid(form)
    store = services.store_of(user=find_user(user_id))
    order = services.place_order(store=store, fields=form.bigcommerce_fields(store))
    return f"Order {order.number} is placed."
