"""Partition ten million attempts, and forget ten million rows, while events are sent.

`python -m bench.partition --help`. A relay sends what is published, fifty events a second; beside
it `manage.py partition_attempts` runs, then retention, each for as long as it needs or is given
(`--seconds`). Watched meanwhile: how long anybody waited for a lock (`pg_locks`, looked at every
few milliseconds), the slowest publish, and the longest time in which Alloy heard nothing.
`--write` puts the table into docs/scaling.md.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle, pairwise

import psycopg

from bench.beside import Beside
from bench.options import options as parse
from bench.outbox.system import System, fill, running_system
from bench.outbox.ways import publish_one
from bench.report import circumstances, finish, grid
from bench.timing import ms, timed

EVENTS_A_SECOND = 50
ATTEMPTS_A_MESSAGE = 5
MESSAGES_A_GROUP = 4
WAITS = "SELECT max(extract(epoch FROM clock_timestamp() - waitstart)) FROM pg_locks"
HEAD = ("", "took", "waited for a lock", "slowest publish", "longest silence at Alloy")


class Watch(Beside):
    """Publishes, and notes what senders and merchants felt meanwhile, in seconds."""

    def __init__(self, system: System) -> None:
        super().__init__(self._watch_locks, self._publish)
        self._system = system
        self.waited = self.slowest = 0.0

    def _watch_locks(self) -> None:
        with psycopg.connect(self._system.stack.database_url, autocommit=True) as connection:
            while not self.stop.wait(0.005):
                [(longest,)] = connection.execute(WAITS).fetchall()
                self.waited = max(self.waited, float(longest or 0))

    def _publish(self) -> None:
        from django.db import connection

        from accounts.models import User
        from integrations.events import publish

        merchant, numbers = User.objects.get(), cycle(range(1000))
        while not self.stop.wait(1 / EVENTS_A_SECOND):
            took = timed(lambda: publish_one(publish, merchant, next(numbers)))
            self.slowest = max(self.slowest, took)
        connection.close()


def main() -> int:
    """Fill, measure each step, print."""
    options = parse(
        small={"rows": 2_000, "seconds": 2}, rows=10_000_000, seconds=60, writes="docs/scaling.md"
    )
    with running_system() as system:
        began = time.monotonic()
        groups = options.rows // ATTEMPTS_A_MESSAGE // MESSAGES_A_GROUP
        fill(groups=groups, each=MESSAGES_A_GROUP, attempts=ATTEMPTS_A_MESSAGE)
        system.analyze()
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


def _measure(system: System, title: str, work: Callable[[], object]) -> tuple[str, ...]:
    """Do the work while events are published and sent; return what was felt."""
    system.forget_calls()
    with Watch(system) as watch:
        system.wait_for(EVENTS_A_SECOND, seconds=60)
        took = timed(work)
        time.sleep(1)
    watch.raise_if_failed()
    calls = [call.at for call in system.calls()]
    silence = max((later - earlier for earlier, later in pairwise(calls)), default=0.0)
    row = title, f"{took:,.1f} s", ms(watch.waited), ms(watch.slowest), ms(silence)
    print(row, flush=True)
    return row


def _partition() -> None:
    from django.core.management import call_command

    call_command("partition_attempts")


def _prune(before: datetime, seconds: int) -> None:
    """Forget what was done then, as if its time was over, with the attempts: the worst case."""
    from integrations import retention
    from integrations.models import Message

    old = Message.objects.filter(state__in=("delivered", "discarded"), settled_at__lt=before)
    print(old.order_by("settled_at").values("pk")[: retention.BATCH].explain(), flush=True)
    retention.delete_in_batches(old, by="settled_at", seconds=seconds)


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
