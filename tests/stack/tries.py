"""AcmeCo's record of its tries to tell Alloy, read past AcmeCo, and what it explains.

A call that takes longer than its deadline is a try whose answer is lost, and is made again. On a
very busy machine that may happen to any call, so "each once" holds but for what is on record.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from uuid import UUID

from tests.services.sandbox import Json
from tests.services.stack import Stack

TRIES = """
    SELECT m.uid, m.payload, a.outcome
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


def tries(acmeco: Stack) -> list[Try]:
    """Return every try to send an event, from the database of a stack that uses SQLite."""
    with closing(sqlite3.connect(acmeco.directory / "acmeco.sqlite3")) as database:
        rows = database.execute(TRIES).fetchall()
    return [
        Try(str(UUID(uid)), json.loads(payload)["orderId"], outcome)
        for uid, payload, outcome in rows
    ]


def under_way(acmeco: Stack, orders: Collection[str]) -> list[Try]:
    """Return the tries to tell of these orders that were begun and never ended."""
    return [each for each in tries(acmeco) if each.order in orders and each.outcome == "started"]


def without_explained_repeats(acmeco: Stack, events: Iterable[Json]) -> list[Json]:
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
