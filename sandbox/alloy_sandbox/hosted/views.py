"""The pages of the modal, the link and the log-in.

Their paths are as Alloy has them, on its hosts app.runalloy.com and api.runalloy.com.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from alloy_sandbox.core.policy import framed
from alloy_sandbox.hosted import steps
from alloy_sandbox.hosted.visits import (
    Problem,
    admit_to_authenticate,
    admit_to_link,
    admit_to_log_in,
    admit_to_modal,
    read_opening,
)

View = Callable[..., HttpResponse]


def hosted(*, stands_alone: bool) -> Callable[[View], View]:
    """Make a view a hosted page; where it cannot go on, it says why.

    `stands_alone`: it is a tab of its own. Otherwise it is embedded in the app that opened it.
    """

    def decorate(view: View) -> View:
        @require_http_methods(["GET", "HEAD", "POST"])
        @never_cache
        @wraps(view)
        def page(request: HttpRequest, **given: str) -> HttpResponse:
            try:
                return view(request, **given)
            except Problem as problem:
                context = {
                    "problem": problem,
                    "stands_alone": stands_alone,
                    "message": steps.UNHIDE,
                }
                return render(request, "hosted/problem.html", context, status=problem.status)

        return page if stands_alone else framed(page)

    return decorate


@hosted(stands_alone=False)
def modal(request: HttpRequest) -> HttpResponse:
    """The page in the iframe. The token in its address is the permission; no cookie is read."""
    return steps.take_step(request, admit_to_modal(read_opening(request.GET)))


@hosted(stands_alone=True)
def link(request: HttpRequest) -> HttpResponse:
    """The page behind an Alloy Link: the same steps, for somebody who may have no login."""
    return steps.take_step(request, admit_to_link(read_opening(request.GET)))


@hosted(stands_alone=True)
def log_in(request: HttpRequest, name: str) -> HttpResponse:
    """The page behind the OAuth URL of an app: logging in leaves a credential, nothing more."""
    return steps.take_only_step(request, admit_to_log_in(request.GET.get("userId", ""), name))


@hosted(stands_alone=False)
def authenticate(request: HttpRequest) -> HttpResponse:
    """The page of Alloy.authenticate(): logging in to an app, and nothing more."""
    return steps.take_only_step(request, admit_to_authenticate(read_opening(request.GET)))


urls = (
    [
        path("forge-install", modal),
        path("embedded-install", link),
        path("api/strategy/<name>/authorize", log_in),
        path("authenticate-app", authenticate),
    ],
    "hosted",
)
