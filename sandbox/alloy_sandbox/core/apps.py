from __future__ import annotations

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Holds every model of the sandbox."""

    name = "alloy_sandbox.core"
    label = "core"
