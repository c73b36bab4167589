"""The accounts connected by the Connectivity API, what is in them, and what people do there."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse

from alloy_sandbox.connectivity.credentials import revoke as revoke_credential
from alloy_sandbox.connectivity.providers.notion import trash
from alloy_sandbox.connectivity.providers.notion.workspace import content_of
from alloy_sandbox.control.selectors import find_page
from alloy_sandbox.core.errors import NotFound
from alloy_sandbox.core.models import NotionPage
from alloy_sandbox.core.preferences import prefer, preferences
from alloy_sandbox.dashboard import accounts
from alloy_sandbox.dashboard.forms import PreferencesForm, require_valid
from alloy_sandbox.dashboard.framing import action, page, show
from alloy_sandbox.dashboard.selectors import CARDS, one_page

BLOCKS = 200


@page
def services(request: HttpRequest) -> HttpResponse:
    form = PreferencesForm(initial=preferences().model_dump())
    return show(request, "services", rows=accounts.connected_accounts(request), form=form)


@action(back="services")
def choose(request: HttpRequest) -> str:
    form = PreferencesForm(request.POST)
    require_valid(form)
    prefer(executeForm=form.cleaned_data["execute_form"], modal=form.cleaned_data["modal"])
    return "The sandbox behaves like this from now on."


@page
def service(request: HttpRequest, account_id: str) -> HttpResponse:
    found = accounts.find_account(account_id)
    rows = one_page(request, found.contents(), CARDS)
    return show(request, "service", connected=found, account=found.account, rows=rows)


@action(back="service")
def revoke(request: HttpRequest, account_id: str) -> str:
    account = accounts.find_account(account_id).account
    revoke_credential(
        credentials=account.credentials.all(), credential_id=request.POST.get("credential", "")
    )
    return "The credential is revoked. Your app finds out at its next call."


@page
def notion_page(request: HttpRequest, page_id: uuid.UUID) -> HttpResponse:
    found = find_page(page_id)
    rows = one_page(request, content_of(found), BLOCKS)
    return show(request, "notion_page", notion_page=found, rows=rows)


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


def _page(request: HttpRequest, account_id: str) -> NotionPage:
    found = find_page(request.POST.get("page", ""))
    if found.account_id != account_id:
        raise NotFound("Page")
    return found
