"""Turns the table of attempts into a partitioned one while senders run; adds and drops partitions.

The key is the message's id, which is handed out in the order of time. So "one attempt per number"
stays unique over all partitions, and the senders' statements, which all name the message, touch one
partition each. By a date neither would hold.

Whoever needs a lock that senders feel waits for it a fifth of a second at most, lets everybody
pass, and tries again: nobody ever queues behind us for longer.
"""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError

from integrations import database
from integrations.models import Attempt, Message

TABLE, MESSAGES = Attempt._meta.db_table, Message._meta.db_table
LOCK_TIMEOUT = "200ms"
AHEAD = 3
"""So many partitions' worth of messages to come has its own; `rest` takes what has none."""

_CHECK = f"ALTER TABLE {TABLE} ADD CONSTRAINT attempts_so_far CHECK (message_id < %s) NOT VALID"
_SWAP = f"""
    LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE;
    CREATE SEQUENCE {TABLE}_ids;
    SELECT setval('{TABLE}_ids', nextval(pg_get_serial_sequence('{TABLE}', 'id')));
    ALTER TABLE {TABLE} RENAME TO {TABLE}_first;
    ALTER TABLE {TABLE}_first RENAME CONSTRAINT one_attempt_per_number TO one_per_number_in_first;
    ALTER TABLE {TABLE}_first ALTER id DROP IDENTITY;
    CREATE TABLE {TABLE} (LIKE {TABLE}_first INCLUDING CONSTRAINTS) PARTITION BY RANGE (message_id);
    ALTER TABLE {TABLE}
        DROP CONSTRAINT attempts_so_far,
        ALTER id SET DEFAULT nextval('{TABLE}_ids'),
        ADD CONSTRAINT one_attempt_per_number UNIQUE (message_id, number),
        ADD FOREIGN KEY (message_id) REFERENCES {MESSAGES} (id) DEFERRABLE INITIALLY DEFERRED;
    ALTER SEQUENCE {TABLE}_ids OWNED BY {TABLE}.id;
    ALTER TABLE {TABLE} ATTACH PARTITION {TABLE}_first FOR VALUES FROM (MINVALUE) TO (%s);
    CREATE TABLE {TABLE}_rest PARTITION OF {TABLE} DEFAULT;
"""  # noqa: S608 -- our own tables' names
_BOUNDS = """
    SELECT c.relname, pg_get_expr(c.relpartbound, c.oid)
    FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = %s::regclass
"""


@dataclass(frozen=True)
class Partition:
    """Attempts of the messages with ids below `end`, and not below the end of the one before."""

    name: str
    end: int


def is_partitioned() -> bool:
    """Say whether the table has been turned into a partitioned one."""
    return bool(_ask("SELECT relkind = 'p' FROM pg_class WHERE oid = %s::regclass", TABLE)[0][0])


def partitions() -> list[Partition]:
    """Return the partitions, the oldest first, without the default one."""
    found = [(name, re.search(r"TO \('(\d+)'\)", bound)) for name, bound in _ask(_BOUNDS, TABLE)]
    known = (Partition(name, int(match[1])) for name, match in found if match)
    return sorted(known, key=lambda each: each.end)


def partition(*, size: int) -> None:
    """Make the table, as it is, the first partition of a new one of its name.

    It takes messages up to an id still to be reached. A constraint, which is checked while all
    others work, first proves that no attempt is beyond it.
    """
    border = _border(size)
    _briefly(f"ALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS attempts_so_far")  # a killed run's
    _briefly(_CHECK, border)
    _run(f"ALTER TABLE {TABLE} VALIDATE CONSTRAINT attempts_so_far")
    _briefly(_SWAP, border)
    _briefly(f"ALTER TABLE {TABLE}_first DROP CONSTRAINT attempts_so_far")


def add(*, size: int) -> list[Partition]:
    """Make what is missing of the partitions for messages to come; return those.

    Where that was forgotten for so long that `rest` is in use, they begin beyond what is in it.
    """
    is_late = bool(_ask(f"SELECT id FROM {TABLE}_rest LIMIT 1"))  # noqa: S608
    end, made = _border(size) if is_late else partitions()[-1].end, []
    while end < _last_message() + AHEAD * size:
        new = Partition(f"{TABLE}_{end}", end + size)
        _briefly(
            f"CREATE TABLE {new.name} PARTITION OF {TABLE} FOR VALUES FROM (%s) TO (%s)",
            *(end, new.end),
        )
        made.append(new)
        end = new.end
    return made


def drop(*, before: datetime) -> list[Partition]:
    """Drop the oldest partitions, those whose messages were all settled before; return them.

    The messages stay until their own time is over. What waits and dead letters hold a partition.
    """
    dropped = []
    settled = (Message.State.DELIVERED, Message.State.DISCARDED)
    done = Message.objects.filter(state__in=settled, settled_at__lt=before)
    for each in partitions():
        earlier = Message.objects.filter(pk__lt=each.end)
        if each.end > _last_message() or earlier.exclude(pk__in=done).exists():
            break
        _briefly(f"DROP TABLE {each.name}")
        dropped.append(each)
    return dropped


def _border(size: int) -> int:
    """Return a border between partitions that at least `size` messages have still to reach."""
    return (_last_message() // size + 2) * size


def _last_message() -> int:
    """Return the last id that was handed out, whether its message is committed or long deleted."""
    ids = "pg_get_serial_sequence(%s, 'id')::regclass"
    return int(_ask(f"SELECT coalesce(pg_sequence_last_value({ids}), 0)", MESSAGES)[0][0])


def _briefly(statements: str, *values: Any) -> None:
    """Run them in one transaction that waits for a lock only shortly; repeat until it succeeds."""
    while True:
        try:
            with database.atomic():
                _run(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                _run(statements, *values)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
                raise
            time.sleep(random.uniform(0.1, 0.5))  # noqa: S311 -- only not to meet again
        else:
            return


def _run(statements: str, *values: Any) -> None:
    with database.connection().cursor() as cursor:
        cursor.execute(statements, values)


def _ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with database.connection().cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
