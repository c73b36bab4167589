"""What the sandbox is told: faults, the addresses of webhooks, and to start over."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from alloy_sandbox.control import services
from alloy_sandbox.core.errors import NotFound
from alloy_sandbox.core.models import Fault
from alloy_sandbox.dashboard.forms import DestinationsForm, FaultForm
from alloy_sandbox.dashboard.framing import action, page, show
from alloy_sandbox.dashboard.selectors import one_page
from alloy_sandbox.webhooks import destinations as addresses

LONGEST_ID = 18


@page
def faults(request: HttpRequest) -> HttpResponse:
    return _show_faults(request, FaultForm())


@action(back="faults")
def add_fault(request: HttpRequest) -> str | HttpResponse:
    form = FaultForm(request.POST)
    if not form.is_valid():
        return _show_faults(request, form)
    fault = services.add_fault(form.fault())
    return f"Switched on for {fault.path}: {fault.describe()}."


@action(back="faults")
def remove_fault(request: HttpRequest) -> str:
    wanted = request.POST.get("fault", "")
    if not wanted.isdecimal() or len(wanted) > LONGEST_ID:
        raise NotFound("Fault")
    services.remove_fault(int(wanted))
    return "The fault is off."


@action(back="faults")
def clear_faults(request: HttpRequest) -> str:
    services.clear_faults()
    return "All faults are off."


@page
def destinations(request: HttpRequest) -> HttpResponse:
    return _show_destinations(request, DestinationsForm(initial=addresses.destinations()))


@action(back="destinations")
def save_destinations(request: HttpRequest) -> str | HttpResponse:
    form = DestinationsForm(request.POST)
    if not form.is_valid():
        return _show_destinations(request, form)
    addresses.set_destinations(urls=form.urls())
    return "The destinations are saved."


@page
def reset(request: HttpRequest) -> HttpResponse:
    return show(request, "reset")


@action(back="overview")
def confirm_reset(request: HttpRequest) -> str:
    services.reset()
    return "Everything is as on the first day."


def _show_faults(request: HttpRequest, form: FaultForm) -> HttpResponse:
    rows = one_page(request, Fault.objects.order_by("-pk"))
    status = 422 if form.errors else 200
    here = reverse("dashboard:faults")  # where the links of a refused form lead, too
    return show(request, "faults", status=status, rows=rows, form=form, here=here)


def _show_destinations(request: HttpRequest, form: DestinationsForm) -> HttpResponse:
    return show(request, "destinations", status=422 if form.errors else 200, form=form)
