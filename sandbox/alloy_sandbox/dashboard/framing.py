"""What every page and every action of the dashboard has in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe

from alloy_sandbox.core.errors import AlloyError
from alloy_sandbox.core.http import View

Act = Callable[..., str | HttpResponse]

PAGES = {
    "overview": "Overview",
    "users": "Users",
    "stores": "Stores",
    "services": "Connected services",
    "requests": "API calls",
    "webhooks": "Webhooks",
    "faults": "Faults",
    "destinations": "Destinations",
    "reset": "Reset",
}


def page(view: View) -> View:
    """Make a view a page that is only read; what it does not find becomes a page that says so."""

    @require_safe
    @csrf_protect  # gives its forms their token
    @wraps(view)
    def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except AlloyError as error:
            return show(request, "problem", status=error.status, message=error.message)

    return framed


def action(*, back: str) -> Callable[[Act], View]:
    """Make a view the target of a form. It returns the sentence that tells what was done, or the
    page that shows the form once more.

    Afterwards the browser is sent to the page named `back`; a refusal is told there as well.
    """

    def decorate(view: Act) -> View:
        @require_POST
        @csrf_protect
        @wraps(view)
        def act(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                done = view(request, *args, **kwargs)
                if isinstance(done, HttpResponse):
                    return done
                messages.success(request, done)
            except AlloyError as error:
                messages.error(request, error.message)
            return HttpResponseRedirect(reverse(f"dashboard:{back}", args=args, kwargs=kwargs))

        return act

    return decorate


def show(request: HttpRequest, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page; with `?live` only its live part, for the script that keeps it current."""
    templates = [f"dashboard/{name}.html"]
    if "live" in request.GET:
        templates.insert(0, f"dashboard/{name}_live.html")
    context["pages"] = [_entry(request, *each) for each in PAGES.items()]
    return render(request, templates, context, status=status)


def _entry(request: HttpRequest, name: str, title: str) -> dict[str, Any]:
    url = reverse(f"dashboard:{name}")
    inside = url != "/" and request.path.startswith(f"{url}/")
    return {"url": url, "title": title, "current": inside or request.path == url}
