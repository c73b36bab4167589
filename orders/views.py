"""The order pages. Every view starts from the merchant, so a stranger's order is a 404."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from zlib import crc32

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.middleware import HtmxDetails

from integrations.cards import setup_status_of
from integrations.contrib.activity.selectors import troubles_about
from integrations.event_results import have_read
from orders import selectors, services
from orders.forms import OrderFilter, StatusForm
from orders.models import Order, Status
from orders.sync_status import SyncStatus, latest_sync_statuses, sync_status_of, sync_statuses_of

if TYPE_CHECKING:
    from accounts.models import User

TOASTS_AT_ONCE = 3


class MerchantRequest(HttpRequest):
    """A request of somebody who is logged in, with what middleware adds to it."""

    user: User
    htmx: HtmxDetails
    reads_from: str
    """The database for what may be a moment behind."""


@login_required
@require_GET
def order_list(request: MerchantRequest) -> HttpResponse:
    """A page of orders. A poll gets it only when it changed, and hears which orders are new."""
    form = OrderFilter(request.GET)
    wanted = _valid_fields(form)
    using = request.reads_from
    page = selectors.order_page(
        request.user,
        status=wanted["status"],
        search=wanted["q"],
        before=wanted["before"],
        using=using,
    )
    found = latest_sync_statuses(page.orders)
    rows = [(order, found.get(order.pk)) for order in page.orders]
    setup = setup_status_of(request.user, ask_alloy=not request.htmx)
    newest = selectors.newest_order_id(request.user, using)
    context: dict[str, Any] = {
        "form": form,
        "wanted": wanted,
        "rows": rows,
        "next_before": page.next_before,
        "is_searched_so_far": page.is_searched_so_far,
        "searched_at_once": selectors.SEARCHED_AT_ONCE,
        "newest": newest,
        "setup": setup,
        # Searching reads many rows, so it is not done all the time.
        "seconds": 15 if wanted["q"] else 3,
        "version": version_of(
            *(newest, page.next_before, [(order.pk, order.status, sync) for order, sync in rows]),
            *(setup.ready, [(card.name, card.health) for card in setup.connected]),
        ),
    }
    _have_results_read(request.user, found.values())
    if not request.htmx:
        return render(request, "orders/list.html", context)
    if request.GET.get("version") == context["version"]:
        return HttpResponse(status=204)
    arrived = selectors.orders_after(request.user, wanted["newest"], using)[: TOASTS_AT_ONCE + 1]
    context |= {"arrived": list(arrived), "toasts_at_once": TOASTS_AT_ONCE}
    return render(request, "orders/_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def order_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    """One order with its timeline; a POST sets its fulfillment status."""
    order = get_object_or_404(selectors.orders_of(request.user), pk=pk)
    if request.method == "POST":
        return _set_status(request, order)
    context = _order_context(order)
    _have_results_read(request.user, [sync for _, sync in context["steps"]])
    if not request.htmx:
        return render(request, "orders/detail.html", context)
    if request.GET.get("version") == context["version"]:
        return HttpResponse(status=204)
    return render(request, "orders/_timeline.html", context)


def version_of(*facts: object) -> str:
    """Return a digest of what a page shows: a poll that has it already need not get it again."""
    return f"{crc32(repr(facts).encode()):x}"


def _have_results_read(merchant: User, shown: Iterable[SyncStatus]) -> None:
    """Have it learned what came of the statuses that Alloy has taken, if any is waited for."""
    if any(sync.is_under_way and sync.at for sync in shown):
        have_read(merchant)


def _set_status(request: MerchantRequest, order: Order) -> HttpResponse:
    if not order.to_fulfil:
        messages.error(
            request, _("Order %(number)s is not to be fulfilled.") % {"number": order.external_id}
        )
        return redirect("orders:detail", pk=order.pk)
    form = StatusForm(request.POST)
    if not form.is_valid():
        form.data = {"status": order.status}  # offer the status it has, not the first of the list
        context = {**_order_context(order), "form": form}
        return render(request, "orders/detail.html", context, status=422)
    status = Status(form.cleaned_data["status"])
    names = {"number": order.external_id, "status": status.label.lower()}
    if services.order_change_status(order=order, status=status, changed_by=request.user):
        messages.success(request, _("Order %(number)s is now %(status)s.") % names)
    else:
        words = _("Order %(number)s was %(status)s already. Nothing changed.")
        messages.info(request, words % names)
    return redirect("orders:detail", pk=order.pk)


def _order_context(order: Order) -> dict[str, Any]:
    timeline = selectors.timeline_of(order)
    found = sync_statuses_of({step.message.uid: step.message for step in timeline if step.message})
    steps = [
        (step, found[step.message.uid] if step.message else sync_status_of(None))
        for step in timeline
    ]
    tries = [list(step.message.attempts.all()) for step in timeline if step.message]
    shown = [(step.change.pk, sync) for step, sync in steps]
    outcomes = [(each.pk, each.outcome) for attempts in tries for each in attempts]
    failed = {each.workflow for _, sync in steps for each in sync.results if each.words}
    troubles = [
        each
        for each in troubles_about(order.merchant, order.external_id)
        if each.workflow not in failed  # which the timeline tells
    ]
    return {
        "order": order,
        "troubles": troubles,
        "form": StatusForm(initial={"status": order.status}),
        "steps": steps,
        "seconds": 2 if any(sync.is_under_way for _, sync in steps) else 10,
        "version": version_of(order.status, shown, outcomes, troubles),
    }


def _valid_fields(form: OrderFilter) -> dict[str, Any]:
    form.is_valid()
    return {"q": "", "status": "", "before": None, "newest": None} | form.cleaned_data
