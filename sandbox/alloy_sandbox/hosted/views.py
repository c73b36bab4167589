"""The pages of the modal, the link and the log-in."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from alloy_sandbox.core.policy import framed
from alloy_sandbox.hosted import steps
from alloy_sandbox.hosted.admission import (
    Visit,
    admit_to_authenticate,
    admit_to_link,
    admit_to_log_in,
    admit_to_modal,
)
from alloy_sandbox.hosted.opening import Opening, read_opening
from alloy_sandbox.hosted.problems import Problem

Admission = Callable[[Opening], Visit]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@framed
def modal(request: HttpRequest) -> HttpResponse:
    """The page in the iframe. The token in its address is the permission; no cookie is read."""
    return _visit(request, admit_to_modal, stands_alone=False)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def link(request: HttpRequest) -> HttpResponse:
    """The page behind an Alloy Link: the same steps, for somebody who may have no login."""
    return _visit(request, admit_to_link, stands_alone=True)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def log_in(request: HttpRequest, name: str) -> HttpResponse:
    """The page behind the OAuth URL of an app: logging in leaves a credential, nothing more."""
    try:
        visit = admit_to_log_in(request.GET.get("userId", ""), name)
    except Problem as problem:
        return _show(request, problem, stands_alone=True)
    return steps.take_only_step(request, visit)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@framed
def authenticate(request: HttpRequest) -> HttpResponse:
    """The page of Alloy.authenticate(): logging in to an app, and nothing more."""
    try:
        visit = admit_to_authenticate(read_opening(request.GET))
    except Problem as problem:
        return _show(request, problem, stands_alone=False)
    return steps.take_only_step(request, visit)


def _visit(request: HttpRequest, admit: Admission, *, stands_alone: bool) -> HttpResponse:
    try:
        return steps.take_step(request, admit(read_opening(request.GET)))
    except Problem as problem:
        return _show(request, problem, stands_alone=stands_alone)


def _show(request: HttpRequest, problem: Problem, *, stands_alone: bool) -> HttpResponse:
    context = {"problem": problem, "stands_alone": stands_alone, "message": steps.UNHIDE}
    return render(request, "hosted/problem.html", context, status=problem.status)
