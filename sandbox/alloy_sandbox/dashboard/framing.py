"""What every page and every action of the dashboard has in common.

No form carries a token: `core.browsers` refuses whatever another site's page sends here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
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
LONGEST_SEARCH = 200


def page(view: View) -> View:
    """Make a view a page that is only read; what it does not find becomes a page that says so."""

    @require_safe
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

    Afterwards the browser is sent to the page named `back`, as it was searched and turned to; a
    refusal is told there as well.
    """

    def decorate(view: Act) -> View:
        @require_POST
        @wraps(view)
        def act(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                done = view(request, *args, **kwargs)
                if isinstance(done, HttpResponse):
                    return done
                messages.success(request, done)
            except AlloyError as error:
                messages.error(request, error.message)
            where = reverse(f"dashboard:{back}", args=args, kwargs=kwargs)
            asked = request.GET.urlencode()
            return HttpResponseRedirect(f"{where}?{asked}" if asked else where)

        return act

    return decorate


def words_of(request: HttpRequest) -> str:
    """Return what was typed into the page's search."""
    return request.GET.get("q", "").strip()[:LONGEST_SEARCH]


def show(request: HttpRequest, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page; with `?live` only its live part, for the script that keeps it current."""
    live = f"dashboard/{name}_live.html"
    templates = [live] if "live" in request.GET else []
    context |= {"live": live, "words": words_of(request)}
    context["pages"] = [_entry(request, *each) for each in PAGES.items()]
    return render(request, [*templates, f"dashboard/{name}.html"], context, status=status)


def _entry(request: HttpRequest, name: str, title: str) -> dict[str, Any]:
    url = reverse(f"dashboard:{name}")
    inside = url != "/" and request.path.startswith(f"{url}/")
    return {"url": url, "title": title, "current": inside or request.path == url}
