from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register


class BackfillConfig(AppConfig):
    name = "integrations.contrib.backfill"
    label = "alloy_backfill"
    verbose_name = "Alloy: backfill"

    def ready(self) -> None:
        register(reads_long_lists)


def reads_long_lists(**_: Any) -> list[CheckMessage]:
    """Check for the library that reads the list of all Alloy users; nothing else here needs it."""
    if find_spec("ijson"):
        return []
    told, hint = "integrations.contrib.backfill needs ijson.", "python -m pip install ijson"
    return [Error(told, hint=hint, id="alloy_backfill.E001")]
