"""What the sandbox is told: faults, the addresses of webhooks, and to start over."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sandbox.core import seed
from sandbox.core.faults import forget_dice
from sandbox.core.models import Fault
from sandbox.dashboard.forms import DestinationsForm, FaultForm, require_valid
from sandbox.dashboard.framing import action, page, show
from sandbox.webhooks import destinations as addresses


@page
def faults(request: HttpRequest) -> HttpResponse:
    return show(request, "faults", faults=Fault.objects.all(), form=FaultForm())


@action(back="faults")
def add_fault(request: HttpRequest) -> str:
    form = FaultForm(request.POST)
    require_valid(form)
    fault = form.fault()
    fault.save()
    return f"Switched on for {fault.path}: {fault.describe()}."


@action(back="faults")
def clear_faults(request: HttpRequest) -> str:
    Fault.objects.all().delete()
    forget_dice()
    return "All faults are off."


@page
def destinations(request: HttpRequest) -> HttpResponse:
    return show(request, "destinations", form=DestinationsForm(initial=addresses.destinations()))


@action(back="destinations")
def save_destinations(request: HttpRequest) -> str:
    form = DestinationsForm(request.POST)
    require_valid(form)
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
