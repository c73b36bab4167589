"""What the sandbox answers. No pattern ends in a slash: the middleware takes one off, and the
dated version before the path too, so that every spelling of Alloy's paths arrives here alike."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
