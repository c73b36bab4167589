"""Which part of the sandbox a request is for: Alloy's API, Alloy's pages, or the sandbox's own."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest
from django.urls import Resolver404, resolve

API = {"embedded", "connectivity", "webhooks", "unknown"}
PAGES = {"hosted", "consent"}
CONTROL = {"dashboard", "control"}


def is_api_call(request: HttpRequest) -> bool:
    """Say whether this goes into the log of API calls; calls to mistyped paths do too."""
    return area_of(request.path_info) in API


def may_misbehave(request: HttpRequest) -> bool:
    """Say whether faults may meet this: what stands in for Alloy, never the controls."""
    return area_of(request.path_info) in API | PAGES


def is_control(request: HttpRequest) -> bool:
    """Say whether this reads or changes the sandbox itself: the dashboard and the control calls."""
    return area_of(request.path_info) in CONTROL


def answers_any_page(request: HttpRequest) -> bool:
    """Say whether pages of other sites may read this: Alloy's API, and what its CDN serves."""
    return area_of(request.path_info) in API | {"assets"}


@lru_cache(maxsize=10_000)
def area_of(path: str) -> str:
    """Return the namespace of the path's route, or "unknown" for a path that nothing answers."""
    try:
        return resolve(path).namespace
    except Resolver404:
        return "unknown"
