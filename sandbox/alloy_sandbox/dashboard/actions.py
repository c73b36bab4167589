"""The targets of the forms: each has one thing done, and says what was done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from alloy_sandbox.connectivity.credentials import revoke as revoke_credential
from alloy_sandbox.connectivity.providers.notion import trash
from alloy_sandbox.control import services
from alloy_sandbox.control.selectors import find_page
from alloy_sandbox.core.errors import NotFound
from alloy_sandbox.core.models import NotionPage
from alloy_sandbox.core.preferences import prefer
from alloy_sandbox.core.selectors import find_user, find_workflow
from alloy_sandbox.dashboard import accounts, pages
from alloy_sandbox.dashboard.forms import (
    DestinationsForm,
    FaultForm,
    NewFieldForm,
    OrderForm,
    PreferencesForm,
    require_valid,
)
from alloy_sandbox.dashboard.framing import action
from alloy_sandbox.embedded.services import uninstall as remove_copy
from alloy_sandbox.stores.services import store_of
from alloy_sandbox.webhooks import destinations as addresses

MADE_UP = "Request failed with status code 500, as somebody asked for at the dashboard"
LONGEST_ID = 18


@action(back="overview")
def release_version(request: HttpRequest) -> str:
    """Release the same workflow again: users can be upgraded to it without being asked."""
    made = services.release(workflow_id=_named(request, "workflow"))
    return f"Version {made.number} of “{made.workflow.name}” is released. Users can upgrade to it."


@action(back="overview")
def release_with_field(request: HttpRequest) -> str:
    """Release with one more configurable field: users have to go through the modal again."""
    form = NewFieldForm(request.POST)
    require_valid(form)
    made = services.release_with(workflow_id=_named(request, "workflow"), field=form.field())
    return (
        f"Version {made.number} of “{made.workflow.name}” is released with a new field. "
        "An upgrade by API is refused now: users must go through the modal."
    )


@action(back="user")
def install(request: HttpRequest, user_id: str) -> str:
    """Do what the user would do in the modal, with made-up answers."""
    copies = services.install(user_id=user_id, integration_id=_named(request, "integration"))
    app = copies[0].workflow.integration.app
    return f"{app} is installed. Your app gets the installation webhook."


@action(back="user")
def uninstall(request: HttpRequest, user_id: str) -> str:
    workflow = find_workflow(_named(request, "workflow"))
    remove_copy(user=find_user(user_id), workflow=workflow)
    return f"“{workflow.name}” is uninstalled."


@action(back="user")
def pause(request: HttpRequest, user_id: str) -> str:
    workflow_id = _named(request, "workflow")
    copy = services.set_active(user_id=user_id, workflow_id=workflow_id, active=False)
    return f"“{copy.workflow.name}” is paused: it takes no events."


@action(back="user")
def resume(request: HttpRequest, user_id: str) -> str:
    workflow_id = _named(request, "workflow")
    copy = services.set_active(user_id=user_id, workflow_id=workflow_id, active=True)
    return f"“{copy.workflow.name}” runs again."


@action(back="user")
def fail(request: HttpRequest, user_id: str) -> str:
    workflow_id = _named(request, "workflow")
    run = services.make_run(user_id=user_id, workflow_id=workflow_id, data={}, error=MADE_UP)
    return f"“{run.workflow.name}” has failed once. Your app finds it in the logs."


@action(back="store")
def place_order(request: HttpRequest, user_id: str) -> str:
    form = OrderForm(request.POST)
    require_valid(form)
    fields = form.bigcommerce_fields(store_of(user=find_user(user_id)))
    order = services.place_order(user_id=user_id, fields=fields)
    return f"Order {order.number} is placed."


@action(back="services")
def choose(request: HttpRequest) -> str:
    form = PreferencesForm(request.POST)
    require_valid(form)
    prefer(executeForm=form.cleaned_data["execute_form"], modal=form.cleaned_data["modal"])
    return "The sandbox behaves like this from now on."


@action(back="service")
def revoke(request: HttpRequest, account_id: str) -> str:
    mine = accounts.find_account(account_id).account.credentials.all()
    revoke_credential(credentials=mine, credential_id=_named(request, "credential"))
    return "The credential is revoked. Your app finds out at its next call."


@action(back="service")
def move_to_trash(request: HttpRequest, account_id: str) -> str:
    found = _page(request, account_id)
    trash.set_archived(page=found, archived=True)
    return f"“{found.title}” is in the trash. Your app finds out when it writes there again."


@action(back="service")
def restore(request: HttpRequest, account_id: str) -> str:
    found = _page(request, account_id)
    trash.set_archived(page=found, archived=False)
    return f"“{found.title}” is back."


@action(back="service")
def delete_for_good(request: HttpRequest, account_id: str) -> str:
    found = _page(request, account_id)
    trash.delete_for_good(page=found)
    return f"“{found.title}” is deleted for good. Your app finds out when it writes there again."


@action(back="webhook")
def send_again(request: HttpRequest, pk: int) -> str:
    services.redeliver(pk)
    return "The webhook is on its way again, with the same body and signature."


@action(back="faults")
def add_fault(request: HttpRequest) -> str | HttpResponse:
    form = FaultForm(request.POST)
    if not form.is_valid():
        return pages.show_faults(request, form)
    fault = services.add_fault(form.fault())
    return f"Switched on for {fault.path}: {fault.describe()}."


@action(back="faults")
def remove_fault(request: HttpRequest) -> str:
    wanted = _named(request, "fault")
    if not wanted.isdecimal() or len(wanted) > LONGEST_ID:
        raise NotFound("Fault")
    services.remove_fault(int(wanted))
    return "The fault is off."


@action(back="faults")
def clear_faults(request: HttpRequest) -> str:
    services.clear_faults()
    return "All faults are off."


@action(back="destinations")
def save_destinations(request: HttpRequest) -> str | HttpResponse:
    form = DestinationsForm(request.POST)
    if not form.is_valid():
        return pages.show_destinations(request, form)
    addresses.set_destinations(urls=form.urls())
    return "The destinations are saved."


@action(back="overview")
def reset(request: HttpRequest) -> str:
    services.reset()
    return "Everything is as on the first day."


def _named(request: HttpRequest, what: str) -> str:
    """Return the id that the pressed button carries."""
    return request.POST.get(what, "")


def _page(request: HttpRequest, account_id: str) -> NotionPage:
    found = find_page(_named(request, "page"))
    if found.account_id != account_id:
        raise NotFound("Page")
    return found
