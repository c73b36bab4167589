"""Which part of the sandbox a request is for: Alloy's API, Alloy's pages, or the sandbox's own."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import Resolver404, resolve

API = {"embedded", "connectivity", "webhooks"}
PAGES = {"hosted"}
UNKNOWN = "unknown"


def room_of(request: HttpRequest) -> str:
    """Return the namespace of the route, or "unknown" for a path that nothing answers."""
    try:
        return resolve(request.path_info).namespace
    except Resolver404:
        return UNKNOWN


def is_api_call(request: HttpRequest) -> bool:
    """Whether this goes into the log of API calls; calls to mistyped paths do too."""
    return room_of(request) in API | {UNKNOWN}


def may_misbehave(request: HttpRequest) -> bool:
    """Whether faults may meet this: whatever stands in for Alloy, never the sandbox's controls."""
    return room_of(request) in API | PAGES | {UNKNOWN}
