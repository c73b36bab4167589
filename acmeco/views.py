"""The home page, what browsers and crawlers ask every site for, and the pages for faults."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.views.decorators.http import require_safe

from accounts.models import User
from acmeco.home import home_of
from integrations.database import AWAY
from integrations.pages import live
from integrations.pages.live import is_htmx


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what AcmeCo is, or what to do next; a poll is answered only when that changed."""
    if not isinstance(request.user, User):
        return render(request, "home/welcome.html")
    is_poll = is_htmx(request)
    context = {"home": home_of(request.user, ask_alloy=not is_poll)}
    if is_poll:
        return live.answer(request, "home/_home.html", context, also="")
    return render(request, "home/home.html", context)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead to the icon whoever asks for it where icons used to be."""
    return redirect(static("favicon.svg"))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Let search engines see the welcome page; all else needs a login."""
    return HttpResponse("User-agent: *\nAllow: /$\nDisallow: /\n", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the request makes no sense; its own parts are not looked at again."""
    return _fault_page(request, "400.html", 400)


def too_many_tries(request: HttpRequest) -> HttpResponse:
    """Answer what was tried too often from one address: allauth counts by the minute."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it was our fault; 503 where only the database is away and trying again helps."""
    if isinstance(sys.exc_info()[1], AWAY):
        return _fault_page(request, "500.html", 503, {"Retry-After": "5"})
    return _fault_page(request, "500.html", 500)


def _fault_page(
    request: HttpRequest, template: str, status: int, headers: dict[str, str] | None = None
) -> HttpResponse:
    """Answer in the language that is active, unless LocaleMiddleware was never reached."""
    if not hasattr(request, "LANGUAGE_CODE"):
        translation.activate(translation.get_language_from_request(request))
    return HttpResponse(render_to_string(template), status=status, headers=headers)
