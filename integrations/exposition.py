"""Gives Prometheus the counters of `metrics`, and how much waits.

Counters are kept per process. With PROMETHEUS_MULTIPROC_DIR set they are shared through files
there, so that every process can answer for web and workers alike.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from integrations.outbox import circuit
from integrations.outbox.backlog import (
    age_of_oldest_waiting,
    dead_deliveries,
    dead_letters,
    waiting_messages,
)


def exposition() -> bytes:
    """Return all metrics in Prometheus' text format."""
    waiting = CollectorRegistry()
    waiting.register(_Waiting())
    return generate_latest(_counters()) + generate_latest(waiting)


def _counters() -> CollectorRegistry:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


class _Waiting(Collector):
    """Reads the tables at each scrape: these numbers belong to no process."""

    def collect(self) -> Iterable[Metric]:
        for name, text, value in (
            ("alloy_messages_waiting", "Messages Alloy has not taken yet.", waiting_messages()),
            (
                "alloy_oldest_message_seconds",
                "Age of the oldest of them.",
                age_of_oldest_waiting().total_seconds(),
            ),
            ("alloy_dead_letters", "Messages refused for good.", dead_letters()),
            (
                "alloy_dead_deliveries",
                "Received deliveries that could not be processed.",
                dead_deliveries(),
            ),
            ("alloy_circuit_open", "1 while Alloy is left alone.", int(circuit.is_open())),
        ):
            yield GaugeMetricFamily(name, text, value=value)
