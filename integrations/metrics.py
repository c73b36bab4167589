"""Counters: calls to Alloy, attempts to send, webhooks received."""

from __future__ import annotations

from typing import Any

try:
    from prometheus_client import Counter, Histogram
except ImportError:  # optional: without it nothing is counted

    class _Nothing:
        def __init__(self, *_: Any) -> None: ...

        def labels(self, *_: Any) -> Any:
            return self

        def inc(self) -> None: ...

        def observe(self, _: float) -> None: ...

    Counter = Histogram = _Nothing  # type: ignore[assignment, misc]

CALLS = Histogram(
    "alloy_call_seconds", "Calls to Alloy and how long they took.", ("method", "route", "status")
)
ATTEMPTS = Counter("alloy_message_attempts", "Attempts to send a message.", ("kind", "outcome"))
WEBHOOKS = Counter("alloy_webhooks", "Webhooks received, by the answer.", ("kind", "status"))


def observe_call(method: str, route: str, status: int | None, seconds: float) -> None:
    """Count one call to Alloy; status None means that no answer came."""
    CALLS.labels(method, route, str(status or "none")).observe(seconds)
