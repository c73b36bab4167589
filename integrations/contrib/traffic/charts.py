"""The last day of inbox and outbox, an hour a column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from integrations import conf
from integrations.charts import HOUR, Chart, Series, columns, place
from integrations.contrib.traffic.histogram import added, percentile
from integrations.contrib.traffic.models import Sample

HOURS = 24
Figure = Callable[[list[Sample]], float | None]


def last_day() -> list[Chart]:
    """Return the charts of the last 24 hours; an hour without a sample has no figure."""
    hours = columns(timezone.now(), length=HOUR, count=HOURS)
    samples = _by_hour(hours)

    def figures(of: Figure) -> list[float | None]:
        return [of(group) if group else None for group in samples]

    return [
        _chart(
            "waiting",
            "Queue depth",
            "messages waiting, at most",
            hours,
            [Series("Waiting", figures(lambda group: max(each.waiting for each in group)))],
        ),
        _chart(
            "throughput",
            "Throughput",
            "an hour",
            hours,
            [
                Series(
                    "Messages delivered",
                    figures(lambda group: sum(each.delivered for each in group)),
                ),
                Series(
                    "Orders received",
                    figures(lambda group: sum(each.received for each in group)),
                    "second",
                ),
            ],
            lines=True,
        ),
        _latency(
            "latency",
            "Delivery latency",
            "from the commit until Alloy took the message",
            hours,
            [added(each.sent_within for each in group) for group in samples],
        ),
        _latency(
            "to-merchant",
            "Time to the merchant",
            "from Alloy's delivery until the order is there",
            hours,
            [added(each.received_within for each in group) for group in samples],
        ),
    ]


def _by_hour(hours: Sequence[datetime]) -> list[list[Sample]]:
    groups: list[list[Sample]] = [[] for _ in hours]
    here = Sample.objects.filter(environment=conf.environment(), ends_at__gt=hours[0])
    for sample in here.order_by("ends_at"):
        if (number := place(sample.ends_at, hours)) is not None:
            groups[number].append(sample)
    return groups


def _latency(
    key: str,
    title: str,
    note: str,
    hours: Sequence[datetime],
    histograms: Iterable[Sequence[int]],
) -> Chart:
    counts = list(histograms)
    series = [
        Series(f"p{share}", [percentile(each, share / 100) for each in counts], tone)
        for share, tone in ((50, ""), (95, "second"))
    ]
    return _chart(key, title, note, hours, series, unit="s", lines=True)


def _chart(
    key: str,
    title: str,
    note: str,
    hours: Sequence[datetime],
    series: Sequence[Series],
    *,
    unit: str = "",
    lines: bool = False,
) -> Chart:
    return Chart(key, title, hours, HOUR, series, note=note, unit=unit, lines=lines)
