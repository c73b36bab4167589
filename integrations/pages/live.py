"""Answers polls, only if something has changed, and clicks; with or without htmx.

A fragment that polls carries its own `{{ version }}` in the address that it asks at: a digest of
what it shows. In a page it stands as `{% live "its/template.html" %}`, so that both are made here.
A view whose fragment is costly puts the `version` into the context, by `version_of` what it shows:
then nothing is rendered where nothing has changed.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from integrations.alloy import AlloyError, Unauthorized
from integrations.outbox import NotYet

log = structlog.get_logger(__name__)

_PLACE = "live-version"
# What differs each time a fragment is rendered, and says nothing new.
_VOLATILE = re.compile(r'name="csrfmiddlewaretoken" value="[^"]{0,200}"|data-ago>[^<]*')


def version_of(*shown: object) -> str:
    """Return the version of a fragment that shows just this, as this reader sees it today.

    What is shown must have a `repr` that says all of it, and the same each time.
    """
    reader = get_language(), timezone.get_current_timezone_name(), timezone.localdate()
    return _digest(repr((shown, reader)))


def rendered(template: str, context: dict[str, Any], request: HttpRequest) -> tuple[str, str]:
    """Return a fragment, and its version."""
    if known := context.get("version"):
        return render_to_string(template, context, request), known
    html = render_to_string(template, {**context, "version": _PLACE}, request)
    version = _digest(_VOLATILE.sub("", html))
    return html.replace(_PLACE, version), version


def answer(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    also: str = "integrations/_messages.html",
) -> HttpResponse:
    """Answer a poll: 204 if the page has this version, else the fragment and the part `also`."""
    shown = request.GET.get("version", "")
    if shown and shown == context.get("version"):
        return HttpResponse(status=204)
    html, version = rendered(template, context, request)
    if shown == version:
        return HttpResponse(status=204)
    return HttpResponse(html + (render_to_string(also, context, request) if also else ""))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_htmx(request: HttpRequest) -> bool:
    """Say whether to answer with a fragment: htmx asks, and not because the user went back."""
    is_back = request.headers.get("HX-History-Restore-Request") == "true"
    return request.headers.get("HX-Request") == "true" and not is_back


def acted(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Answer a click with the messages about it; then the parts of the page load again."""
    if not is_htmx(request):
        return redirect("integrations:detail", integration_id)
    response = render(request, "integrations/_messages.html")
    response["HX-Trigger"] = "integration-changed"
    return response


def failed(request: HttpRequest, what: str, error: AlloyError) -> HttpResponse:
    """Say that something could not be done, why, and what helps."""
    log.warning("alloy_call_failed", error=str(error), status=error.status)
    notice = f"{what} {in_plain_words(error)}"
    if is_htmx(request):
        return render(request, "integrations/_notice.html", {"notice": notice})
    messages.error(request, notice)
    match = request.resolver_match
    if match is not None and "integration_id" in match.kwargs:
        return redirect("integrations:detail", match.kwargs["integration_id"])
    return redirect("integrations:list")


def in_plain_words(error: AlloyError) -> str:
    """Return what an error means to a merchant, and Alloy's own words where it refused."""
    if isinstance(error, NotYet):
        return _("Your account is still being set up. Please try again in a minute.")
    if error.can_retry:
        return _("Our integration partner did not answer. Please try again in a minute.")
    if isinstance(error, Unauthorized):
        return _(
            "Our integration partner does not accept our access right now. Nothing is wrong"
            " with your account: our support team is needed."
        )
    if error.detail:
        answered = _("The answer was: “%(detail)s”. Please tell our support team.")
        return answered % {"detail": error.detail}
    return _("Please tell our support team.")
