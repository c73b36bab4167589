"""Adds the security headers that differ from page to page.

Django's own settings and the Content-Security-Policy that holds everywhere are in settings.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from acmeco.secret_urls import has_secret
from integrations import conf

_UNUSED = ("camera", "microphone", "geolocation", "payment", "usb", "browsing-topics")
_EVERYWHERE = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _UNUSED),
    "Cross-Origin-Resource-Policy": "same-origin",
}
_OPENS_THE_MODAL = ("integrations:list", "integrations:detail")


def add_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Add headers to every answer; must stand inside of what adds Django's and django-csp's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        for name, value in _EVERYWHERE.items():
            response.headers.setdefault(name, value)
        if hasattr(request, "session") and request.session.accessed:
            patch_cache_control(response, no_store=True, private=True)
        if match is not None:
            _say_what_the_page_needs(response, match.app_name, match.view_name)
            if has_secret(match.kwargs):
                # Its own forms still say where they come from, but no more than the host.
                response.headers.setdefault("Referrer-Policy", "strict-origin")
        return response

    return middleware


def _say_what_the_page_needs(response: Any, app: str, view: str) -> None:
    """Allow Alloy's hosts on the pages that use them, and no others."""
    hosts = conf.account().hosts
    if app in ("integrations", "alloy_connectivity"):
        response._csp_update = {"img-src": [hosts.cdn]}
    if app == "alloy_connectivity" or view in _OPENS_THE_MODAL:
        # Connecting an account begins with a form whose answer leads to the consent page.
        response._csp_update |= {"form-action": [hosts.consent_source]}
    if view in _OPENS_THE_MODAL:
        response._csp_update |= {
            "script-src": [hosts.cdn],
            "frame-src": [hosts.app],
            "connect-src": [hosts.embedded],
        }
        # The modal's OAuth windows must be able to tell the page that they are done.
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    if view in _OPENS_THE_MODAL or app == "admin":
        # Neither Alloy's script nor the admin's jQuery knows Trusted Types.
        response._csp_replace = {"require-trusted-types-for": None, "trusted-types": None}
