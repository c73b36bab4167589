"""Columns and fields of the admin's pages that show one value each."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.contrib import admin


def column(description: str, how: Callable[[Any], str], field: str) -> Callable[[Any, Any], str]:
    """Return a method for a model's admin that shows a field of a row, such as `group` or `a.b`."""

    @admin.display(description=description)
    def shown(_admin: Any, row: Any) -> str:
        return how(attrgetter(field)(row))

    return shown
