"""Ask, take the answer, and return the browser to the app that had asked for the page."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from alloy_sandbox.connectivity.catalogue import find_connector
from alloy_sandbox.connectivity.consent.choices import choices
from alloy_sandbox.connectivity.credentials import answer_consent
from alloy_sandbox.core.models import ConsentRequest
from alloy_sandbox.core.policy import returns_elsewhere
from alloy_sandbox.hosted.problems import Problem

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
    if asked.outcome:
        return _show_answered(request, asked)
    if request.method == "POST":
        return _take_answer(request, asked)
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
    if request.POST.get("answer") != "allow":
        answer_consent(asked=asked, account_name=None)
        return _return(asked)
    account = request.POST.get("account", "")
    if account not in [choice.name for choice in choices(asked)]:
        return _show_choices(request, asked, error="Choose one of the accounts.")
    answer_consent(asked=asked, account_name=account)
    return _return(asked)


def _return(asked: ConsentRequest) -> HttpResponse:
    """Send the browser to the redirect URI as it was given, without any parameter.

    A refusal alone is told, by `error=access_denied`. No `code`, no `state`, no credential id: the
    app finds the new credential by listing.
    """
    asked.refresh_from_db()
    return HttpResponse(status=302, headers={"Location": return_address(asked)})


def return_address(asked: ConsentRequest) -> str:
    if asked.outcome != ConsentRequest.Outcome.DENIED:
        return asked.redirect_uri
    parts = urlsplit(asked.redirect_uri)
    query = "&".join(part for part in (parts.query, "error=access_denied") if part)
    return urlunsplit(parts._replace(query=query))


def _show_choices(request: HttpRequest, asked: ConsentRequest, error: str = "") -> HttpResponse:
    context = {
        "connector": find_connector(asked.connector),
        "choices": choices(asked),
        "asked": asked,
        "error": error,
        "stands_alone": True,
    }
    return render(request, "consent/consent.html", context, status=422 if error else 200)


def _show_answered(request: HttpRequest, asked: ConsentRequest) -> HttpResponse:
    """A page answered before leads back; a form sent twice is answered like the first time."""
    if request.method == "POST":
        return _return(asked)
    context = {"asked": asked, "back": return_address(asked), "stands_alone": True}
    return render(request, "consent/answered.html", context)
