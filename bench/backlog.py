"""Does the outbox stay as fast when a million events wait, and ten million have been delivered?

`python -m bench.backlog --help`. The full size takes about six gigabytes and some minutes.
`--write 1` puts the table and a plot into docs/benchmarks.md.
"""

from __future__ import annotations

import sys
import time

from bench.chaos.report import grid
from bench.options import options as parse
from bench.plot import plot
from bench.section import DOCS, write_section
from bench.system import ENVIRONMENT, System, fill, running_system
from bench.timing import circumstances, ms, percentile, times

GROUPS_AT_ONCE = 100_000
MESSAGES_PER_DELIVERED_GROUP = 4
ATTEMPTS = """
    INSERT INTO integrations_attempt
        (message_id, number, outcome, status, error, started_at, seconds)
    SELECT id, 1, 'accepted', 200, '', now(), 0.1
    FROM integrations_message
    WHERE state = 'delivered'
        AND id > coalesce((SELECT max(message_id) FROM integrations_attempt), 0)
"""


def main() -> int:
    """Measure at each size, and print how it compares to the smallest."""
    options = parse(
        small={"events": 50, "waiting": 200, "delivered": 400},
        events=1_000,
        waiting=1_000_000,
        delivered=10_000_000,
        write=0,
    )
    with running_system() as system:
        sizes = [(options.events, 0), (options.waiting, 0), (options.waiting, options.delivered)]
        rows = []
        for waiting, delivered in sizes:
            _grow(waiting=waiting, delivered=delivered)
            rows.append(_measure(system, options.events, waiting=waiting, delivered=delivered))
            print(f"{rows[-1][0]}: {rows[-1][1:]}", flush=True)
    size = f"{options.events:,} events and as many claims at each size"
    text = f"{_table(rows)}\n\n{circumstances()}; {size}."
    print(f"\n{text}")
    if options.write:
        write_section(
            "backlog", f"{text}\n\n![Events a second over the backlog](outbox-backlog.svg)"
        )
        points = [(options.events, rows[0][1]), (options.waiting, rows[1][1])]
        line = {"outbox": points}
        plot(DOCS / "outbox-backlog.svg", line, x="events waiting", y="events a second")
    return 0


Measured = tuple[str, float, float, float]


def _measure(system: System, events: int, *, waiting: int, delivered: int) -> Measured:
    """Return the events a second, and the seconds that half and nearly all claims take."""
    claims = _time_claims(events)
    rate = system.rate_of(("manage.py", "relay", "--interval=0.1"), events=events)
    title = f"{waiting:,} waiting, {delivered:,} delivered"
    return title, rate, percentile(claims, 50), percentile(claims, 95)


def _time_claims(count: int) -> list[float]:
    """Claim so many groups one after the other, and give them back."""
    from django.utils import timezone

    from integrations import conf
    from integrations.models import MessageGroup

    seconds = []
    groups = MessageGroup.objects.filter(environment=ENVIRONMENT)
    for _ in range(count):
        began = time.perf_counter()
        groups.claim(limit=1, lease=conf.lease())
        seconds.append(time.perf_counter() - began)
    groups.filter(lease__isnull=False).update(lease=None, due_at=timezone.now())
    return seconds


def _table(rows: list[Measured]) -> str:
    _, rate, half, most = rows[0]
    return grid(
        ("outbox", "events a second", "", "claim p50", "", "claim p95", ""),
        [
            (
                *(row[0], f"{row[1]:,.0f}", times(row[1] / rate)),
                *(ms(row[2]), times(row[2] / half), ms(row[3]), times(row[3] / most)),
            )
            for row in rows
        ],
        numbers={1, 2, 3, 4, 5, 6},
    )


def _grow(*, waiting: int, delivered: int) -> None:
    """Add what is missing for so many messages to wait, and so many to have been delivered."""
    from django.db import connection

    from integrations.models import Message

    with connection.cursor() as cursor:
        # Nothing here can violate a reference, and checking ten million takes long.
        cursor.execute("SET session_replication_role = replica")
        _fill(waiting - Message.objects.filter(state="waiting").count(), each=1)
        done = Message.objects.filter(state="delivered").count()
        _fill(delivered - done, each=MESSAGES_PER_DELIVERED_GROUP, waiting=False)
        cursor.execute(ATTEMPTS)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def _fill(messages: int, *, each: int, waiting: bool = True) -> None:
    groups = max(messages, 0) // each
    while groups > 0:
        fill(groups=min(groups, GROUPS_AT_ONCE), each=each, waiting=waiting)
        groups -= GROUPS_AT_ONCE


if __name__ == "__main__":
    sys.exit(main())
