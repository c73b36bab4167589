"""The last day of inbox and outbox, an hour a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from django.utils import timezone

from integrations import conf
from integrations.charts import HOUR, Chart, Series, columns, place
from integrations.contrib.traffic.histogram import added, percentile
from integrations.contrib.traffic.models import Sample

HOURS = 24
Samples = list[Sample]


def last_day() -> list[Chart]:
    """Return the charts of the last 24 hours; an hour without a sample has no figure."""
    hours = columns(timezone.now(), length=HOUR, count=HOURS)
    samples = _by_hour(hours)

    def line(name: str, of: Callable[[Samples], float | None], tone: str = "") -> Series:
        return Series(name, [of(group) if group else None for group in samples], tone)

    def latency(within: str) -> list[Series]:
        def share(group: Samples, *, of: float) -> float | None:
            return percentile(added(getattr(each, within) for each in group), of)

        return [line("p50", partial(share, of=0.5)), line("p95", partial(share, of=0.95), "second")]

    waiting = line("Waiting", lambda group: max(each.waiting for each in group))
    sent = line("Messages delivered", lambda group: sum(each.delivered for each in group))
    came = line("Orders received", lambda group: sum(each.received for each in group), "second")
    chart = partial(Chart, begins=hours, length=HOUR)
    timed = partial(chart, lines=True, unit="s")
    return [
        chart("waiting", "Queue depth", series=[waiting], note="messages waiting, at most"),
        chart("throughput", "Throughput", series=[sent, came], note="an hour", lines=True),
        timed(
            "latency",
            "Delivery latency",
            series=latency("sent_within"),
            note="from the commit until Alloy took the message",
        ),
        timed(
            "to-merchant",
            "Time to the merchant",
            series=latency("received_within"),
            note="from Alloy's delivery until the order is there",
        ),
    ]


def _by_hour(hours: Sequence[datetime]) -> list[Samples]:
    groups: list[Samples] = [[] for _ in hours]
    here = Sample.objects.filter(environment=conf.environment(), ends_at__gt=hours[0])
    for sample in here.order_by("ends_at"):
        if (number := place(sample.ends_at, hours)) is not None:
            groups[number].append(sample)
    return groups
