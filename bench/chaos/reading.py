"""Reads AcmeCo's records by plain SQL: an audit that shares no code with what it audits."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

import psycopg

from bench.chaos.audit import Acceptance, Change, OrderKey, Records
from tests.services.sandbox import Json, Sandbox

CHANGES = """
    SELECT c.message_uid, u.user_id, o.external_id, c.new_status, coalesce(t.unanswered, 0)
    FROM orders_statuschange c
    JOIN orders_order o ON o.id = c.order_id
    JOIN integrations_alloyuser u ON u.tenant_id = o.merchant_id
    LEFT JOIN (
        SELECT m.uid, count(*) AS unanswered
        FROM integrations_attempt a JOIN integrations_message m ON m.id = a.message_id
        WHERE a.outcome IN ('ambiguous', 'interrupted', 'started')
        GROUP BY m.uid
    ) t ON t.uid = c.message_uid
    ORDER BY c.id
"""
ORDERS = """
    SELECT u.user_id, o.external_id, o.status
    FROM orders_order o JOIN integrations_alloyuser u ON u.tenant_id = o.merchant_id
"""
WAITING = """
    SELECT (SELECT count(*) FROM integrations_message WHERE state = 'waiting')
         + (SELECT count(*) FROM integrations_delivery WHERE state = 'waiting')
"""
LEFT_OVER = {
    "events still waiting": "SELECT count(*) FROM integrations_message WHERE state = 'waiting'",
    "events given up on": "SELECT count(*) FROM integrations_message WHERE state = 'dead'",
    "webhooks stuck": "SELECT count(*) FROM integrations_delivery WHERE state <> 'processed'",
}


class Database:
    """AcmeCo's database, seen from outside; it may be gone for a while."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what the query answers. Raises `psycopg.OperationalError` while it is down."""
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=2)
            return self._connection.execute(sql).fetchall()
        except psycopg.OperationalError:
            self._close()
            raise

    def number(self, sql: str) -> int:
        """Return the one number that the query answers."""
        return int(self.rows(sql)[0][0])

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def read_records(
    database: Database,
    sandbox: Sandbox,
    *,
    merchants: Iterable[str],
    confirmed: Iterable[tuple[OrderKey, str]],
) -> Records:
    """Read both sides' records; `merchants` are the Alloy userIds of those who took part."""
    return Records(
        changes=[
            Change(str(uid), (user, number), status, unanswered)
            for uid, user, number, status, unanswered in database.rows(CHANGES)
        ],
        acceptances=[_acceptance(event) for event in sandbox.events()],
        store={
            (user, str(order["id"])): order["status"]
            for user in merchants
            for order in sandbox.orders(user)
        },
        orders=[((user, number), status) for user, number, status in database.rows(ORDERS)],
        confirmed=confirmed,
        taken_in=[_order_of(hook) for hook in sandbox.all_webhooks("order") if was_taken_in(hook)],
        left_over={name: database.number(sql) for name, sql in LEFT_OVER.items()},
    )


def was_taken_in(webhook: Json) -> bool:
    """Whether we ever answered this webhook with 2xx."""
    answers = [attempt["responseStatus"] or 0 for attempt in webhook["attempts"]]
    return any(200 <= answer < 300 for answer in answers)


def _order_of(webhook: Json) -> OrderKey:
    return webhook["userId"], str(webhook["body"]["id"])


def _acceptance(event: Json) -> Acceptance:
    data = event["data"]
    return Acceptance(
        event["idempotencyKey"], (event["userId"], str(data["orderId"])), data["status"]
    )
