"""The order pages. Every view starts from the merchant, so a stranger's order is a 404."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from integrations.contrib.activity.selectors import failures_about
from integrations.event_results import request_results
from integrations.pages import live
from integrations.pages.setup_status import SetupStatus, setup_status_of
from orders import selectors, services
from orders.forms import OrderFilter, StatusForm
from orders.models import Order, Status
from orders.sync_status import SyncStatus, latest_sync_statuses, sync_status_of, sync_statuses_of

if TYPE_CHECKING:
    from accounts.models import User

TOASTS_AT_ONCE = 3


class MerchantRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: User
    reads_from: str
    """The database for what may be a moment behind."""


@login_required
@require_GET
def order_list(request: MerchantRequest) -> HttpResponse:
    """Show a page of orders. A poll gets it only when it changed, with those that are new."""
    form = OrderFilter(request.GET)
    context = {"form": form, **_list_context(request, form.valid_fields())}
    if not live.is_htmx(request):
        return render(request, "orders/list.html", context)
    known = context["wanted"]["newest"]
    arrived = selectors.orders_after(request.user, known, request.reads_from)
    context |= {"arrived": arrived[: TOASTS_AT_ONCE + 1], "toasts_at_once": TOASTS_AT_ONCE}
    return live.answer(request, "orders/_list.html", context, also="orders/_arrived.html")


def _list_context(request: MerchantRequest, wanted: dict[str, Any]) -> dict[str, Any]:
    using = request.reads_from
    filters = {"status": wanted["status"], "search": wanted["q"], "before": wanted["before"]}
    page = selectors.order_page(request.user, **filters, using=using)
    found = latest_sync_statuses(page.orders)
    _have_results_read(request.user, found.values())
    rows = [(order, found.get(order.pk)) for order in page.orders]
    setup = setup_status_of(request.user, ask_alloy=not live.is_htmx(request))
    is_first_page = page.orders and not any(filters.values())
    newest = page.orders[0].pk if is_first_page else selectors.newest_order_id(request.user, using)
    return {
        "wanted": wanted,
        "rows": rows,
        "next_before": page.next_before,
        "is_searched_so_far": page.is_searched_so_far,
        "searched_at_once": selectors.SEARCHED_AT_ONCE,
        "newest": newest,
        "setup": setup,
        "version": _version_of(rows, setup, page.next_before, page.is_searched_so_far, newest),
        # Searching reads many rows, so it is not done all the time.
        "seconds": 15 if wanted["q"] else 3,
    }


def _version_of(
    rows: list[tuple[Order, SyncStatus | None]], setup: SetupStatus, *others: object
) -> str:
    """Return the version of the list by what it shows: most polls find that nothing has changed."""
    now = timezone.now()
    orders = [
        (
            *(getattr(order, fact) for fact in ("pk", *selectors.FACTS)),
            sync,
            sync and sync.try_again_at and max(sync.try_again_at, now),
        )
        for order, sync in rows
    ]
    unwell = [(card.name, card.health, card.fails_to_send) for card in setup.unwell]
    sources = [card.name for card in setup.sources]
    return live.version_of(orders, unwell, setup.ready, bool(setup.connected), sources, others)


@login_required
@require_http_methods(["GET", "POST"])
def order_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    """Show one order with its timeline; a POST sets its fulfillment status."""
    order = get_object_or_404(selectors.orders_of(request.user), pk=pk)
    if request.method == "POST":
        return _set_status(request, order)
    context = _order_context(order)
    _have_results_read(request.user, [sync for _, sync in context["steps"]])
    if live.is_htmx(request):
        return live.answer(request, "orders/_timeline.html", context, also="")
    return render(request, "orders/detail.html", context)


def _have_results_read(merchant: User, shown: Iterable[SyncStatus]) -> None:
    """Have it learned what came of the statuses that Alloy has taken, if any is waited for."""
    if any(sync.is_under_way and sync.at for sync in shown):
        request_results(merchant)


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
    failed = {each.workflow for _, sync in steps for each in sync.results if each.words}
    failures = [
        each
        for each in failures_about(order.merchant, order.external_id)
        if each.workflow not in failed  # which the timeline tells
    ]
    return {
        "order": order,
        "failures": failures,
        "form": StatusForm(initial={"status": order.status}),
        "steps": steps,
        "seconds": 2 if any(sync.is_under_way for _, sync in steps) else 10,
    }
