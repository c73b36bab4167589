"""Fragments of a page that ask for themselves again, and are sent only when they have changed.

A fragment carries its own `{{ version }}` in the address that it asks at: a digest of what it
shows. In a page it stands as `{% live "its/template.html" %}`, so that both are made here.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

_PLACE = "live-version"
# What differs each time a fragment is rendered, and says nothing new.
_VOLATILE = re.compile(r'name="csrfmiddlewaretoken" value="[^"]{0,200}"|data-ago>[^<]*')


def rendered(template: str, context: dict[str, Any], request: HttpRequest) -> tuple[str, str]:
    """Return a fragment, and its version."""
    html = render_to_string(template, {**context, "version": _PLACE}, request)
    version = hashlib.sha256(_VOLATILE.sub("", html).encode()).hexdigest()[:16]
    return html.replace(_PLACE, version), version


def answer(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    also: str = "integrations/_messages.html",
) -> HttpResponse:
    """Answer a poll: 204 where the page has this version, else the fragment, and what it brings."""
    html, version = rendered(template, context, request)
    if request.GET.get("version") == version:
        return HttpResponse(status=204)
    return HttpResponse(html + (render_to_string(also, context, request) if also else ""))
