"""AcmeCo's record of its tries to tell Alloy, read past AcmeCo, and what it explains.

A call that takes longer than its deadline is a try whose answer is lost, and is made again. On a
very busy machine that may happen to any call, so "each once" holds but for what is on record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import psycopg

from tests.services.sandbox import Json
from tests.stack.production import Production

TRIES = """
    SELECT m.uid::text, m.payload->>'orderId', a.outcome
    FROM integrations_attempt a JOIN integrations_message m ON m.id = a.message_id
    WHERE m.kind = 'event'
"""
LOST = {"ambiguous", "interrupted"}
"""The outcomes after which nobody knows whether Alloy had taken the event."""


@dataclass(frozen=True)
class Try:
    """One call: the idempotency key of its event, the order it told of, and how it ended."""

    key: str
    order: str
    outcome: str


def tries(acmeco: Production) -> list[Try]:
    """Return every try to send an event."""
    with psycopg.connect(acmeco.direct_url) as database:
        return [Try(*row) for row in database.execute(TRIES)]


def under_way(acmeco: Production, orders: Collection[str]) -> list[Try]:
    """Return the tries to tell of these orders that were begun and never ended."""
    return [each for each in tries(acmeco) if each.order in orders and each.outcome == "started"]


def without_explained_repeats(acmeco: Production, events: Iterable[Json]) -> list[Json]:
    """Return what Alloy took, without the repeats that a lost answer on record explains."""
    lost = Counter(each.key for each in tries(acmeco) if each.outcome in LOST)
    taken = Counter[str]()
    unexplained = []
    for event in events:
        key = event["idempotencyKey"]
        if not 0 < taken[key] <= lost[key]:
            unexplained.append(event)
        taken[key] += 1
    return unexplained
