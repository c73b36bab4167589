"""Runs functions at the same time, each in a thread with a database connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")


def at_once(count: int, function: Callable[[int], Result]) -> list[Result]:
    """Return what `function` returned for 0 to `count` - 1; what one of them raised is raised."""
    start = Barrier(count)

    def run(number: int) -> Result:
        start.wait()
        try:
            return function(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
