"""From what was seen to the figures, each with what it must or should be."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from bench.chaos import report
from bench.soak.figures import Figure, growth, percentile, times
from bench.soak.plan import Alloy
from bench.soak.samples import Sample
from bench.soak.scenario import Outcome
from bench.soak.sender import Sent

WEBHOOK_MS = {99: 50.0}
PAGE_MS = {Alloy.UP: {95: 300.0}, Alloy.DOWN: {95: 1000.0}, Alloy.SLOW: {95: 1000.0}}
DUE_SECONDS = 5.0
GROWTH = 5.0
"""Per cent by which the memory of a process may grow."""
LONG_ENOUGH = 600
"""Seconds of steady load from which on growth is growth, and not the end of the warm-up."""
GRACE = 45.0
"""Seconds after Alloy's return until somebody has noticed: the circuit breaker looks every 30 s."""
COPY_LASTS = 12.0
"""Seconds for which a page may still show its copy as fresh."""


def figures(seen: Outcome) -> list[Figure]:
    """Judge the run."""
    return [
        *_webhooks("burst", seen.burst, seen.plan.burst_rate, seen.plan.burst_seconds),
        *_webhooks("steady", seen.steady, seen.plan.rate, seen.plan.seconds),
        *_pages(seen),
        *_events(seen),
        *_memory(seen),
        Figure(
            "database connections, most",
            max((sample.connections for sample in seen.samples), default=math.nan),
            most=seen.connections_configured,
        ),
        Figure("from the last webhook until all was done", round(seen.drained), " s"),
        *(Figure(row.name, row.value, most=row.limit) for row in report.verdict(seen.ledgers)),
    ]


def _webhooks(phase: str, sent: Sent, rate: int, seconds: int) -> Iterator[Figure]:
    if not rate * seconds:
        return
    answered = sent.answers.total()
    yield Figure(f"{phase}: webhooks answered", answered)
    yield Figure(f"{phase}: answered a second", round(answered / seconds), least=rate, wished=True)
    yield Figure(f"{phase}: not sent, no connection was free", sent.too_late, most=0, wished=True)
    yield Figure(f"{phase}: not answered with 2xx", len(sent.not_accepted), most=0)
    yield from times(f"{phase}: due to answer", sent.since_due, wished=WEBHOOK_MS, also=(50, 95))
    yield from times(f"{phase}: sent to answer", sent.since_sent, wished={}, also=(50, 95, 99))
    yield Figure(f"{phase}: connections opened again", sent.reopened)
    for answer, number in sorted(sent.answers.items()):
        if answer not in ("200", "202"):
            yield Figure(f"{phase}: answered {answer}", number)


def _pages(seen: Outcome) -> Iterator[Figure]:
    visits = seen.visits.made
    yield Figure("page requests", len(visits))
    failed = [visit.answer for visit in visits if visit.answer not in ("200", "302")]
    yield Figure("page requests answered with 5xx", sum(each[0] == "5" for each in failed), most=0)
    yield Figure("page requests answered otherwise, or never", _not_5xx(failed), most=0)
    for alloy in Alloy:
        took = [
            visit.milliseconds
            for visit in visits
            if visit.page == "integrations" and seen.plan.alloy_at(visit.at - seen.started) is alloy
        ]
        name = f"integrations page, Alloy {alloy}"
        yield from times(name, took, wished=PAGE_MS[alloy], also=(50,))
    for page in ("orders", "order", "change of status"):
        took = [visit.milliseconds for visit in visits if visit.page == page]
        yield from times(page, took, wished=PAGE_MS[Alloy.UP], also=(50,))
    unmarked = [
        visit
        for visit in visits
        if visit.page == "integrations"
        and not visit.is_marked
        and _is_stale(seen, visit.at - seen.started)
    ]
    yield Figure("integrations pages without the mark while Alloy is away", len(unmarked), most=0)


def _not_5xx(answers: Iterable[str]) -> int:
    return sum(answer[0] != "5" for answer in answers)


def _is_stale(seen: Outcome, second: float) -> bool:
    away = seen.plan.alloy_at(second) is not Alloy.UP
    return away and seen.plan.seconds_in_this_state(second) > COPY_LASTS


def _events(seen: Outcome) -> Iterator[Figure]:
    steady = [sample for sample in seen.samples if sample.second >= 0]
    up = [sample.due_age for sample in steady if _is_up_again(seen, sample)]
    yield Figure(
        "oldest due event while Alloy is up, p99",
        round(percentile(up, 99), 1),
        " s",
        most=DUE_SECONDS,
        wished=True,
    )
    yield Figure("oldest event at all", _most(sample.event_age for sample in steady), " s")
    yield Figure(
        "oldest webhook not processed", _most(each.webhook_age for each in seen.samples), " s"
    )
    yield Figure(
        "webhooks not processed, most", _most(each.webhooks_waiting for each in seen.samples)
    )


def _is_up_again(seen: Outcome, sample: Sample) -> bool:
    if seen.plan.alloy_at(sample.second) is not Alloy.UP:
        return False
    since = seen.plan.seconds_in_this_state(sample.second)
    return since == sample.second or since > GRACE  # it was never away, or is back for a while


def _memory(seen: Outcome) -> Iterator[Figure]:
    series = [(sample.second, sample.rss) for sample in seen.samples]
    by_process = growth(series, seconds=seen.plan.seconds)
    most = GROWTH if seen.plan.seconds >= LONG_ENOUGH else None
    for part in sorted({name.split()[0] for name in by_process}):
        grown = [each for name, each in by_process.items() if name.split()[0] == part]
        worst = math.nan if any(math.isnan(each) for each in grown) else max(grown)
        yield Figure(f"memory of {part}, growth of its worst process", round(worst, 1), " %", most)
    last = seen.samples[-1].rss if seen.samples else {}
    for part in sorted({name.split()[0] for name in last}):
        total = sum(size for name, size in last.items() if name.split()[0] == part)
        yield Figure(f"memory of {part} at the end", round(total / 2**20), " MB")


def _most(values: Iterable[float]) -> float:
    return round(max(values, default=math.nan), 1)
