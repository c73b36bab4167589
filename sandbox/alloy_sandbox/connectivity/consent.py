"""The page on which a service asks whether Alloy may use somebody's account.

It stands at api.runalloy.com, for people, hence it is not among the API calls. It takes the answer
and returns the browser to the app that had asked for the page.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from alloy_sandbox.connectivity.connectors import find_connector
from alloy_sandbox.connectivity.credentials import answer_consent
from alloy_sandbox.core.models import Account, ConsentRequest
from alloy_sandbox.core.policy import returns_elsewhere
from alloy_sandbox.hosted.visits import Problem

START_AGAIN = "Go back to the app that sent you here, and start again."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@returns_elsewhere
def consent(request: HttpRequest, connector_id: str) -> HttpResponse:
    """The token in the page's address is the permission; no cookie is read."""
    try:
        asked = _asked(request.GET.get("token", ""), connector_id)
    except Problem as problem:
        context = {"problem": problem, "stands_alone": True}
        return render(request, "hosted/problem.html", context, status=problem.status)
    if request.method == "POST":
        return _take_answer(request, asked)
    if asked.outcome:
        context = {"asked": asked, "back": return_address(asked), "stands_alone": True}
        return render(request, "consent/answered.html", context)
    return _show_choices(request, asked)


def _asked(token: str, connector_id: str) -> ConsentRequest:
    """Return what the page is for; raises `Problem`: 404 when unknown, 410 when expired."""
    asked = ConsentRequest.objects.filter(pk=token, connector=connector_id).first()
    if asked is None:
        raise Problem(404, "This page is not known", START_AGAIN)
    if asked.has_expired and not asked.outcome:
        raise Problem(410, "This page has expired", START_AGAIN)
    return asked


def _take_answer(request: HttpRequest, asked: ConsentRequest) -> HttpResponse:
    """Return the browser to the app; a form sent twice is answered like the first time."""
    account = request.POST.get("account", "") if request.POST.get("answer") == "allow" else None
    offered = [None, *(each["name"] for each in choices(asked))]
    if not asked.outcome and account not in offered:
        return _show_choices(request, asked, error="Choose one of the accounts.")
    answer_consent(asked, account)
    return HttpResponse(status=302, headers={"Location": return_address(asked)})


def return_address(asked: ConsentRequest) -> str:
    """Return the redirect URI as it was given, without any parameter: only a refusal is told.

    No `code`, no `state`, no credential id: the app finds the new credential by listing.
    """
    if asked.outcome != ConsentRequest.Outcome.DENIED:
        return asked.redirect_uri
    parts = urlsplit(asked.redirect_uri)
    query = "&".join(part for part in (parts.query, "error=access_denied") if part)
    return urlunsplit(parts._replace(query=query))


def choices(asked: ConsentRequest) -> list[dict[str, Any]]:
    """Return the accounts to choose from; the first one that is not connected yet is chosen."""
    names = find_connector(asked.connector).accounts_for(asked.data)
    mine = Account.objects.filter(user=asked.user, connector=asked.connector)
    connected = set(mine.filter(credentials__isnull=False).values_list("name", flat=True))
    chosen = next((name for name in names if name not in connected), names[0])
    return [
        {"name": name, "is_connected": name in connected, "is_chosen": name == chosen}
        for name in names
    ]


def _show_choices(request: HttpRequest, asked: ConsentRequest, error: str = "") -> HttpResponse:
    context = {
        "connector": find_connector(asked.connector),
        "choices": choices(asked),
        "asked": asked,
        "error": error,
        "stands_alone": True,
    }
    return render(request, "consent/consent.html", context, status=422 if error else 200)


urls = ([path("api/strategy/connector/<connector_id>/authorize", consent)], "consent")
