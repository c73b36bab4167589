"""What every page has in common, and the one target of all forms: they are control calls.

No form carries a token: `core.middleware` refuses whatever another site's page sends here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_POST, require_safe

from alloy_sandbox.core.api import Json, Operation
from alloy_sandbox.core.errors import AlloyError, NotFound

View = Callable[..., HttpResponse]

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


class SandboxNotices(CookieStorage):
    """Where the feedback on a form waits for the next page: Django's cookie, by another name.

    Cookies know no ports: under the usual name they would mix with those of the app beside it.
    """

    cookie_name = "sandbox_notices"


def page(view: View) -> View:
    """Make a view a page that is only read; what it does not find becomes a page that says so."""

    @require_safe
    @wraps(view)
    def framed(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, **kwargs)
        except AlloyError as error:
            return show(request, "problem", status=error.status, message=error.message)

    return framed


def show(request: HttpRequest, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page; with `?live` only its live part, for the script that keeps it current."""
    live = f"dashboard/{name}_live.html"
    templates = [live] if "live" in request.GET else []
    context |= {"live": live, "words": words_of(request), "typed": request.GET}
    context["pages"] = [_entry(request, *each) for each in PAGES.items()]
    return render(request, [*templates, f"dashboard/{name}.html"], context, status=status)


def words_of(request: HttpRequest) -> str:
    """Return what was typed into the page's search."""
    return request.GET.get("q", "").strip()[:LONGEST_SEARCH]


def _entry(request: HttpRequest, name: str, title: str) -> Json:
    url = reverse(f"dashboard:{name}")
    inside = url != "/" and request.path.startswith(f"{url}/")
    return {"url": url, "title": title, "current": inside or request.path == url}


@require_POST
def act(request: HttpRequest, method: str, call: str) -> HttpResponse:
    """Make the control call that a form names, and go back to the page that the form is on.

    Its fields are the keys of the call's body, with a dot for what is inside of another. The page
    tells what was done, or why not: then what was typed comes along.
    """
    back = _page_on_which(request)
    typed = {**request.GET.dict(), **request.POST.dict()}
    sent = _nested(typed, keep_empty=method == "put")
    try:
        operation, given = _operation(method.upper(), call)
        done = operation.carry_out(request, sent, **given)
        messages.success(request, done.get("message", "Done."))
    except AlloyError as error:
        messages.error(request, error.message)
        back += ("&" if "?" in back else "?") + urlencode(typed)
    return HttpResponseRedirect(back)


def _operation(method: str, call: str) -> tuple[Operation, Json]:
    try:
        found = resolve(f"/_sandbox/{call}")
    except Resolver404:
        raise NotFound("Control call") from None
    operation = getattr(found.func, "operations", {}).get(method)
    if operation is None:
        raise NotFound("Control call")
    return operation, found.kwargs


def _page_on_which(request: HttpRequest) -> str:
    """Return the path and the search of the page that sent the form, without what it had typed."""
    came = urlsplit(request.headers.get("Referer", ""))
    asked = QueryDict(came.query)
    kept = {name: asked[name] for name in ("q", "page") if name in asked}
    return "/" + came.path.lstrip("/") + (f"?{urlencode(kept)}" if kept else "")


def _nested(typed: dict[str, str], *, keep_empty: bool) -> Json:
    """Return a form's fields as JSON; what was left empty is not said, unless it is set to that."""
    sent: Json = {}
    for name, value in typed.items():
        *outer, last = name.split(".")
        if value or keep_empty:
            place = sent
            for each in outer:
                place = place.setdefault(each, {})
            place[last] = value
    return sent
