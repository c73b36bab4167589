"""Partition ten million attempts, and forget ten million rows, while events are sent.

`python -m bench.partition --help`. A relay sends what is published, fifty events a second; beside
it `manage.py partition_attempts` runs, then retention, each for as long as it needs or is given
(`--seconds`). Watched meanwhile: how long anybody waited for a lock (`pg_locks`, looked at every
few milliseconds), the slowest publish, and the longest time in which Alloy heard nothing.
`--write` puts the table into docs/scaling.md.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

import psycopg

from bench.beside import beside
from bench.options import options as parse
from bench.outbox.system import System, fill, running_system
from bench.report import circumstances, finish, grid
from bench.timing import ms

EVENTS_A_SECOND = 50
ATTEMPTS_A_MESSAGE = 5
MESSAGES_A_GROUP = 4
GROUPS_AT_ONCE = 100_000
ATTEMPTS = """
    INSERT INTO integrations_attempt
        (message_id, number, outcome, status, error, started_at, seconds)
    SELECT id, n, 'accepted', 200, '', now(), 0.1
    FROM integrations_message, generate_series(1, %s) AS n WHERE state = 'delivered'
"""
WAITS = "SELECT max(extract(epoch FROM clock_timestamp() - waitstart)) FROM pg_locks"
HEAD = ("", "took", "waited for a lock", "slowest publish", "longest silence at Alloy")


@dataclass
class Watched:
    """What senders and merchants felt meanwhile, in seconds."""

    took: float = 0.0
    waited: float = 0.0
    published: list[float] = field(default_factory=list)
    silence: float = 0.0

    def row(self, title: str) -> tuple[str, ...]:
        took, most = f"{self.took:,.1f} s", max(self.published)
        return title, took, ms(self.waited), ms(most), ms(self.silence)


def main() -> int:
    """Fill, measure each step, print."""
    options = parse(small={"rows": 2_000, "seconds": 2}, rows=10_000_000, seconds=60)
    with running_system() as system:
        began = time.monotonic()
        _fill(options.rows)
        filled = datetime.now(UTC)
        print(f"Filled in {time.monotonic() - began:,.0f} s.", flush=True)
        system.start("manage.py", "relay", "--interval=0.1")
        rows = [_measure(system, "nothing else", lambda: time.sleep(options.seconds / 4))]
        rows.append(_measure(system, f"{options.rows:,} rows: partition", _partition))
        sizes, before = _bytes_a_row(), _rows()
        rows.append(_measure(system, "retention", lambda: _prune(filled, options.seconds)))
        forgotten = before - _rows()
        system.stop()
    notes = f"{forgotten:,} rows were forgotten in {rows[-1][1]}. {sizes} {circumstances()}."
    table = grid(HEAD, rows, numbers={1, 2, 3, 4})
    finish("partition", options, table, notes, document="scaling.md")
    return 0


def _fill(attempts: int) -> None:
    """Have so many attempts, of messages that were delivered."""
    from django.db import connection

    groups = attempts // ATTEMPTS_A_MESSAGE // MESSAGES_A_GROUP
    with connection.cursor() as cursor:
        # Nothing here can violate a reference, and checking ten million takes long.
        cursor.execute("SET session_replication_role = replica")
        for done in range(0, groups, GROUPS_AT_ONCE):
            some = min(GROUPS_AT_ONCE, groups - done)
            fill(groups=some, each=MESSAGES_A_GROUP, waiting=False)
        cursor.execute(ATTEMPTS, [ATTEMPTS_A_MESSAGE])
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def _measure(system: System, title: str, work: Callable[[], object]) -> tuple[str, ...]:
    """Do the work while events are published and sent; return what was felt."""
    system.forget_calls()
    with _watching(system) as watched:
        system.wait_for(EVENTS_A_SECOND, seconds=60)
        began = time.monotonic()
        work()
        watched.took = time.monotonic() - began
        time.sleep(1)
    calls = [call.at for call in system.calls()]
    watched.silence = max((later - earlier for earlier, later in pairwise(calls)), default=0.0)
    print(watched.row(title), flush=True)
    return watched.row(title)


@contextmanager
def _watching(system: System) -> Iterator[Watched]:
    watched, stop = Watched(), threading.Event()
    works = (
        lambda: _watch_locks(system, watched, stop),
        lambda: _publish(watched, stop),
    )
    with beside(*works, stop=stop):
        yield watched


def _watch_locks(system: System, watched: Watched, stop: threading.Event) -> None:
    with psycopg.connect(system.stack.database_url, autocommit=True) as connection:
        while not stop.wait(0.005):
            [(longest,)] = connection.execute(WAITS).fetchall()
            watched.waited = max(watched.waited, float(longest or 0))


def _publish(watched: Watched, stop: threading.Event) -> None:
    from django.db import connection, transaction

    from accounts.models import User
    from integrations.events import publish
    from orders.events import FulfillmentUpdated

    merchant, number = User.objects.get(), 0
    while not stop.wait(1 / EVENTS_A_SECOND):
        number += 1
        began = time.perf_counter()
        with transaction.atomic():
            event = FulfillmentUpdated(orderId="1", status="SHIPPED")
            publish(event, tenant=merchant, subject=f"order:{number % 1000}")
        watched.published.append(time.perf_counter() - began)
    connection.close()


def _partition() -> None:
    from django.core.management import call_command

    call_command("partition_attempts")


def _prune(before: datetime, seconds: int) -> None:
    """Forget what was done then, as if its time was over, with the attempts: the worst case."""
    from integrations import retention
    from integrations.models import Message

    old = Message.objects.filter(state__in=("delivered", "discarded"), settled_at__lt=before)
    print(old.order_by("settled_at").values("pk")[: retention.BATCH].explain(), flush=True)
    retention.forget(old, by="settled_at", seconds=seconds)


def _rows() -> int:
    from integrations.models import Attempt, Message, MessageGroup

    return sum(model._default_manager.count() for model in (Attempt, Message, MessageGroup))


def _bytes_a_row() -> str:
    """Say how much of the disk a row takes, with its indexes."""
    from django.db import connection

    told = []
    with connection.cursor() as cursor:
        for name in ("message", "messagegroup", "attempt_first"):
            size = "SELECT pg_total_relation_size(c.oid) / greatest(reltuples, 1) FROM pg_class c"
            cursor.execute(f"{size} WHERE relname = %s", [f"integrations_{name}"])
            told.append(f"{name} {cursor.fetchone()[0]:,.0f}")
    return f"Bytes a row, with its indexes: {', '.join(told)}."


if __name__ == "__main__":
    sys.exit(main())
