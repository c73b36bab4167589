"""Limits how often somebody does what costs a call to Alloy, or what an attacker would repeat.

Counted in the project's default cache: with Redis behind it all web processes count together; with
Django's own default, local memory, each process counts for itself. The windows are
fixed: around the border of two of them, twice the number may pass once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from integrations.pages.access import tenant_of
from integrations.pages.live import is_htmx

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Limit:
    """So many times in so many seconds. Limits of one name share one count."""

    name: str
    times: int
    seconds: int = 60

    @property
    def seconds_left(self) -> int:
        """Seconds until the count begins again."""
        return self.seconds - int(time.time()) % self.seconds


MODAL_TOKENS = Limit("modal-tokens", 20)
INSTALL_LINKS = Limit("install-links", 10)
CONNECTS = Limit("connects", 20)
CHECKS = Limit("checks", 30)
ACTIONS = Limit("actions", 30)
ACTIVITY = Limit("activity", 60)


def exceeded(limit: Limit, who: object) -> bool:
    """Count one more for `who`, and say whether it is one too many."""
    key = f"rate-limit:{limit.name}:{int(time.time()) // limit.seconds}:{who}"
    if cache.add(key, 1, timeout=limit.seconds):
        return limit.times < 1
    try:
        return cache.incr(key) > limit.times
    except ValueError:  # it has expired this moment, so a new window begins
        return False


def visitor(request: HttpRequest) -> str:
    """Return what counts as one visitor: an IPv4 address, or the /64 that an IPv6 one is of.

    Behind a proxy the project has to set REMOTE_ADDR right: here no header is believed.
    """
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), 64), strict=False))
    return str(address)


def limited(limit: Limit, *methods: str) -> Callable[[View], View]:
    """Decorate a view: the tenant's requests beyond the limit are answered 429, in words.

    Counts POST where no methods are named. Goes below the decorators that check access.
    """
    counted = methods or ("POST",)

    def decorate(view: View) -> View:
        @wraps(view)
        def counting(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in counted and exceeded(limit, tenant_of(request).pk):
                return too_often(request, limit)
            return view(request, *args, **kwargs)

        return counting

    return decorate


def too_often(request: HttpRequest, limit: Limit) -> HttpResponse:
    """Answer 429: nothing was done, and when to try again; a notice to htmx, a page to others."""
    wait = limit.seconds_left
    template = "integrations/_notice.html" if is_htmx(request) else "integrations/too_often.html"
    notice = ngettext(
        "That was too often in a row, so nothing was done. Try again in %(count)d second.",
        "That was too often in a row, so nothing was done. Try again in %(count)d seconds.",
        wait,
    ) % {"count": wait}
    response = render(request, template, {"notice": notice}, status=429)
    response["Retry-After"] = str(wait)
    return response
