"""What the sandbox is told: faults, the addresses of webhooks, and to start over."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from alloy_sandbox.core import seed
from alloy_sandbox.core.errors import NotFound
from alloy_sandbox.core.faults import forget_dice
from alloy_sandbox.core.models import Fault
from alloy_sandbox.dashboard.forms import DestinationsForm, FaultForm
from alloy_sandbox.dashboard.framing import action, page, show
from alloy_sandbox.webhooks import destinations as addresses


@page
def faults(request: HttpRequest) -> HttpResponse:
    return _show_faults(request, FaultForm())


@action(back="faults")
def add_fault(request: HttpRequest) -> str | HttpResponse:
    form = FaultForm(request.POST)
    if not form.is_valid():
        return _show_faults(request, form)
    fault = form.fault()
    fault.save()
    return f"Switched on for {fault.path}: {fault.describe()}."


@action(back="faults")
def remove_fault(request: HttpRequest) -> str:
    wanted = request.POST.get("fault", "")
    if not (wanted.isdecimal() and Fault.objects.filter(pk=wanted).delete()[0]):
        raise NotFound("Fault")
    return "The fault is off."


@action(back="faults")
def clear_faults(request: HttpRequest) -> str:
    Fault.objects.all().delete()
    forget_dice()
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
    seed.reset()
    forget_dice()
    return "Everything is as on the first day."


def _show_faults(request: HttpRequest, form: FaultForm) -> HttpResponse:
    status = 422 if form.errors else 200
    return show(request, "faults", status=status, faults=Fault.objects.all(), form=form)


def _show_destinations(request: HttpRequest, form: DestinationsForm) -> HttpResponse:
    return show(request, "destinations", status=422 if form.errors else 200, form=form)
