"""The two usual steps of a sender, each in one round trip to the database. PostgreSQL only.

They do what `transitions.py` does in a dozen statements, which are there for SQLite and for what
did not go well. The rate depends on it: a round trip takes longer than its statement, and one
order's next event waits for all of them.

Each step is two statements sent as one, and so one transaction. The first locks groups by writing
their lease, and waits for no lock. Only then does the second take its view of the data, so that it
sees what others did to these groups until they were locked.

To plan them takes longer than to run them for one message, so a connection plans them once. All
rows are reached through an index, whatever PostgreSQL believes of the tables: a plan made while one
is empty would be a bad one for long. A connection pooler in transaction mode keeps no plans: where
that shows, the statements are sent as they are from then on.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from weakref import WeakSet

import structlog
from django.db import OperationalError, ProgrammingError
from django.utils import timezone

from integrations import conf, database
from integrations.models import Message, MessageGroup
from integrations.outbox import transitions
from integrations.outbox.handlers import Outcome
from integrations.outbox.transitions import OpenAttempt
from integrations.signals import message_settled

log = structlog.get_logger(__name__)

# By an ARRAY, so that the inner query runs once, whatever PostgreSQL believes about the tables.
_LEASE = """
    UPDATE integrations_messagegroup SET lease = %(lease)s, due_at = %(until)s
    WHERE id = ANY(ARRAY(
        SELECT id FROM integrations_messagegroup
        WHERE environment = %(environment)s AND due_at <= %(now)s
            AND NOT id = ANY(%(beside)s::bigint[])
        ORDER BY due_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
    ))
"""
_RENEW = """
    UPDATE integrations_messagegroup SET due_at = %(until)s, failures = 0, resume_at = NULL
    WHERE id = ANY(ARRAY(
        SELECT g.id FROM unnest(%(groups)s::bigint[], %(leases)s::uuid[]) AS t(group_id, lease)
        JOIN integrations_messagegroup g ON g.id = t.group_id AND g.lease = t.lease
        FOR NO KEY UPDATE OF g SKIP LOCKED
    ))
"""
# "Ours" are the groups that the first statement has written to.
_LEASED = """
    WITH ours AS (
        SELECT id AS group_id, NULL::bigint AS message_id, TRUE AS goes_on
        FROM integrations_messagegroup
        WHERE environment = %(environment)s AND due_at = %(until)s AND lease = %(lease)s
    )
"""
_SETTLE = """
    WITH ours AS (
        SELECT t.* FROM unnest(
            %(groups)s::bigint[], %(leases)s::uuid[], %(messages)s::bigint[], %(numbers)s::int[],
            %(seconds)s::float8[], %(go_on)s::bool[]
        ) AS t(group_id, lease, message_id, number, seconds, goes_on)
        JOIN integrations_messagegroup g
            ON g.id = t.group_id AND g.lease = t.lease AND g.due_at = %(until)s
    ), delivered AS (
        UPDATE integrations_message m SET state = 'delivered', settled_at = %(now)s,
            last_error = '', attempts_made = m.attempts_made + 1
        FROM ours WHERE m.id = ours.message_id
    ), ended AS (
        UPDATE integrations_attempt a SET outcome = 'accepted', status = 200,
            seconds = ours.seconds
        FROM ours WHERE a.message_id = ours.message_id AND a.number = ours.number
    )
"""
# A row for each of ours; empty, but for the first two columns, where the group's turn is over or no
# message waits. So nothing has to be joined to it again, which would take the square of the time.
_HEADS = """
    , heads AS (
        SELECT ours.group_id AS held_id, ours.goes_on, m.* FROM ours LEFT JOIN LATERAL (
            SELECT w.* FROM integrations_message w
            WHERE w.group_id = ours.group_id AND w.state = 'waiting'
                AND w.id IS DISTINCT FROM ours.message_id
            ORDER BY w.sequence LIMIT 1
        ) m ON ours.goes_on
    )
"""
_NUMBERED = """
    , numbered AS (SELECT attempts_made + 1 AS try_number, heads.* FROM heads)
"""
# An attempt that is still under way in a group just claimed was left by a sender that died.
_INTERRUPTED = """
    , interrupted AS (
        UPDATE integrations_attempt a SET outcome = 'interrupted'
        FROM heads WHERE a.message_id = heads.id AND a.outcome = 'started'
        RETURNING a.message_id, a.number
    ), counted AS (
        UPDATE integrations_message m SET attempts_made = interrupted.number
        FROM interrupted WHERE m.id = interrupted.message_id
    ), numbered AS (
        SELECT coalesce(interrupted.number, attempts_made) + 1 AS try_number, heads.*
        FROM heads LEFT JOIN interrupted ON interrupted.message_id = heads.id
    )
"""
# A group without a message is idle.
_BEGIN = """
    , begun AS (
        INSERT INTO integrations_attempt (message_id, number, outcome, error, started_at)
        SELECT id, try_number, 'started', '', %(now)s FROM numbered WHERE id IS NOT NULL
    ), released AS (
        UPDATE integrations_messagegroup g
        SET lease = NULL, due_at = CASE WHEN goes_on THEN NULL ELSE %(now)s END
        FROM numbered WHERE g.id = held_id AND numbered.id IS NULL
    )
    SELECT held_id, try_number, (
        SELECT u.user_id FROM integrations_alloyuser u
        WHERE u.tenant_id = numbered.tenant_id AND u.environment = %(environment)s
    ), COLUMNS
    FROM numbered
"""
_FIELDS = Message._meta.concrete_fields
_BEGIN = _BEGIN.replace("COLUMNS", ", ".join(f"numbered.{field.column}" for field in _FIELDS))


class _Step:
    """Statements to send as one, with `%(name)s` for each value."""

    def __init__(self, name: str, *statements: str) -> None:
        self.sql = f"{_BY_INDEX};{';'.join(statements)}"
        self.preparing, self.prepared = "", f"{_BY_INDEX};"
        for number, statement in enumerate(statements):
            values = list(dict.fromkeys(_VALUE.findall(statement)))
            plan, given = f"integrations_{name}_{number}", ", ".join(values)
            for place, value in enumerate(values, start=1):
                statement = statement.replace(value, f"${place}")
            self.preparing += f"PREPARE {plan} AS {statement};"
            self.prepared += f"EXECUTE {plan} ({given});"


_BY_INDEX = "SET LOCAL enable_seqscan = off"
_VALUE = re.compile(r"%\(\w+\)s")
_CLAIM = _Step("claim", _LEASE, _LEASED + _HEADS + _INTERRUPTED + _BEGIN)
_MOVE_ON = _Step("move_on", _RENEW, _SETTLE + _HEADS + _NUMBERED + _BEGIN)
_planned = WeakSet[Any]()
"""The connections that have the plans."""
_PLAN_IS_MISSING_OR_EXISTS = {"26000", "42P05"}
"""PostgreSQL's codes (SQLSTATE) when a pooler gives us another connection than last time."""
_pooled = set[str]()
"""Databases where that was seen."""


def is_possible() -> bool:
    """Say whether the database takes two statements at once."""
    connection = database.connection()
    is_able = database.is_psycopg3(connection)
    return is_able and not connection.settings_dict["OPTIONS"].get("server_side_binding")


def claim(*, beside: Collection[int], limit: int, lease: timedelta) -> list[OpenAttempt]:
    """Lease up to `limit` due groups, but not those `beside`, and begin their head messages."""
    while True:
        now, token = timezone.now(), uuid.uuid4()
        values = {"now": now, "until": now + lease, "lease": token, "limit": limit}
        found = _run(_CLAIM, values | {"beside": [*beside]})
        attempts = [
            OpenAttempt(
                MessageGroup(pk=group, lease=token), message, message.attempts_made + 1, token
            )
            for group, message in found
            if message
        ]
        if attempts or not found:  # groups without a message are idle now
            return attempts


def move_on(
    attempts: Sequence[OpenAttempt], *, lease: timedelta
) -> tuple[list[OpenAttempt], list[OpenAttempt]]:
    """Settle accepted attempts and begin what follows in their groups; return both.

    Those of groups that are locked at this moment, or no longer ours, are left to
    `transitions.settle`.
    """
    done = [each for each in attempts if each.result.outcome == Outcome.ACCEPTED]
    if not done:
        return [], []
    now = timezone.now()
    # Receivers are promised a transaction; without any, the statements are one by themselves.
    with database.atomic() if message_settled.has_listeners() else nullcontext():
        following = dict(_run(_MOVE_ON, _values_of(done) | {"now": now, "until": now + lease}))
        settled = [each for each in done if each.group.pk in following]
        for each in settled:
            each.message.state, each.message.settled_at = Message.State.DELIVERED, now
        transitions.announce(settled)
    return settled, [
        OpenAttempt(each.group, message, message.attempts_made + 1, each.lease, each.in_a_row + 1)
        for each in settled
        if (message := following[each.group.pk])
    ]


def _values_of(done: Sequence[OpenAttempt]) -> dict[str, Any]:
    return {
        "groups": [each.group.pk for each in done],
        "leases": [each.lease for each in done],
        "messages": [each.message.pk for each in done],
        "numbers": [each.number for each in done],
        "seconds": [each.result.seconds for each in done],
        "go_on": [each.in_a_row < transitions.MESSAGES_IN_A_ROW for each in done],
    }


def _run(step: _Step, values: dict[str, Any]) -> list[tuple[int, Message | None]]:
    """Return each group that is ours, with the message that was begun in it, if any."""
    with database.connection().cursor() as cursor:
        try:
            cursor.execute(_sql(step), {**values, "environment": conf.environment()})
        except ProgrammingError as error:
            _note_a_pooler(error)
            raise
        while cursor.nextset():
            pass  # the last statement's rows are those we want
        return [(group, _message(*row)) for group, *row in cursor.fetchall()]


def _note_a_pooler(error: ProgrammingError) -> None:
    """Where a pooler has mixed the plans up, raise an error after which we go on without them."""
    if getattr(error.__cause__, "sqlstate", None) in _PLAN_IS_MISSING_OR_EXISTS:
        _pooled.add(database.alias())
        log.warning("pooler_noticed", hint="Set DISABLE_SERVER_SIDE_CURSORS for this database.")
        raise OperationalError("A pooler lends each transaction another connection.") from error


def _sql(step: _Step) -> str:
    """Return what is to be sent on this connection."""
    connection = database.connection()
    # Django's own sign that a pooler lends us another connection for each transaction.
    if connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS") or connection.alias in _pooled:
        return step.sql
    if connection.connection in _planned:
        return step.prepared
    _planned.add(connection.connection)
    return _CLAIM.preparing + _MOVE_ON.preparing + step.prepared


def _message(number: int | None, user_id: str | None, *values: Any) -> Message | None:
    if number is None:
        return None
    message = Message.from_db(database.alias(), [field.attname for field in _FIELDS], values)
    message.payload, message.user_id = json.loads(message.payload), user_id
    message.attempts_made = number - 1
    return message
