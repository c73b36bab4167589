"""What the outbox's benches need: AcmeCo with PostgreSQL and Redis, and an Alloy that only counts.

The bench's own process becomes one of AcmeCo's, so `import django` comes late everywhere here.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, LiteralString, NamedTuple
from urllib.parse import urlsplit

import psycopg
import requests
from redis import Redis

from acmeco.launcher.parts import LOCAL, free_port, http_answers
from acmeco.launcher.processes import Part, Processes
from bench.beside import wait_until
from bench.inside import settings_of_bench
from bench.posting import post, send
from bench.timing import ms
from tests.services.stack import Stack

ENVIRONMENT = "bench"
GROUPS = """
    INSERT INTO integrations_messagegroup (environment, key, last_sequence, due_at, failures)
    SELECT %(environment)s, %(name)s || n, %(each)s, %(due)s, 0
    FROM generate_series(1, %(groups)s) AS n
    RETURNING id
"""
MESSAGES = """
    INSERT INTO integrations_message (
        group_id, sequence, uid, tenant_id, kind, name, payload, state, attempts_made, last_error,
        correlation_id, created_at, settled_at
    )
    SELECT
        groups.id, n, gen_random_uuid(), %(tenant)s, 'event', 'Fulfillment Updated',
        '{"orderId": "1", "status": "SHIPPED"}', %(state)s, %(attempts)s, '', '', now(),
        %(settled)s
    FROM groups, generate_series(1, %(each)s) AS n
    RETURNING id
"""
FILL = f"""
    WITH groups AS ({GROUPS}), messages AS ({MESSAGES})
    INSERT INTO integrations_attempt
        (message_id, number, outcome, status, error, started_at, seconds)
    SELECT id, n, 'accepted', 200, '', now(), 0.1
    FROM messages, generate_series(1, %(attempts)s) AS n
"""  # noqa: S608 -- all parts are constants
GROUPS_AT_ONCE = 100_000
EMPTY_ACMECO: LiteralString = "TRUNCATE integrations_messagegroup, integrations_circuit CASCADE"
EMPTY: LiteralString = """
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT tablename FROM pg_tables
            WHERE schemaname = 'public' AND tablename NOT LIKE 'django_%'
        LOOP EXECUTE 'TRUNCATE ' || name || ' CASCADE'; END LOOP;
    END $$
"""
"""Of a peer, whatever its tables are; Django's know that they are there."""


class Call(NamedTuple):
    """A call as Alloy saw it: when (seconds since 1970), how it was answered, and whose it was."""

    at: float
    key: str
    status: int
    host: str = ""


class System:
    """A running AcmeCo without web server, and the Alloy it writes to.

    Each sending host has a door of its own to Alloy (a URL), which tells whose a call was.
    """

    def __init__(self, stack: Stack, processes: Processes, doors: Mapping[str, str]) -> None:
        self.stack, self._processes, self._doors = stack, processes, doors
        self._alloy = next(iter(doors.values()))

    def set_up(self, command: Callable[[list[str]], list[str]] = list) -> None:
        """Start all but the senders; `command` is how Alloy's own command line is run."""
        self.stack.start("redis", "postgres")
        for host, door in self._doors.items():
            url = urlsplit(door)
            alloy = [sys.executable, "-m", "bench.doubles.alloy", str(url.port), str(url.hostname)]
            is_ready = partial(http_answers, f"{door}/calls")
            self._processes.start(Part(f"alloy {host}", command(alloy), is_ready=is_ready))
        self._processes.wait_until_ready()
        self.stack.manage("migrate")
        _become_acmeco(self.stack)

    def start(
        self, *command: str, python: str = sys.executable, database: str | None = None
    ) -> None:
        """Start the sender, AcmeCo's or a peer's: the arguments of `python`."""
        self._processes.start(Part("sender", [python, *command], self.environment_of(database)))

    def kill(self) -> None:
        """End the sender as a power cut would."""
        self._processes.kill("sender")

    def stop(self) -> None:
        """Ask the sender to end, and wait until it has."""
        self._processes.stop("sender")

    @property
    def sender(self) -> int:
        """The sender's process id."""
        return self._processes.running["sender"].pid

    def memory(self) -> float:
        """Return how many MiB of memory the sender holds."""
        with open(f"/proc/{self.sender}/statm") as figures:
            return int(figures.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def environment_of(self, database: str | None) -> dict[str, str]:
        """Return what AcmeCo's processes see, or those of a peer with a database of its own."""
        if database is None:
            return self.stack.environment
        url = self.stack.database_url.replace("postgres://", "postgresql://")
        return {"DATABASE_URL": f"{url.rpartition('/')[0]}/{database}", "ALLOY": self._alloy}

    def make_database(self, name: str) -> None:
        """Make a database for a peer, beside AcmeCo's."""
        self._execute(f"CREATE DATABASE {name}")

    def empty(self, database: str | None = None) -> None:
        """Forget all events: AcmeCo's and those in Redis, or a peer's."""
        self._execute(EMPTY if database else EMPTY_ACMECO, database)
        Redis.from_url(self.stack.redis_url).flushall()

    def analyze(self, database: str | None = None) -> None:
        """Have PostgreSQL look at its tables and write them out, as it does by itself in time."""
        self._execute("VACUUM ANALYZE", database)
        self._execute("CHECKPOINT", database)

    def database(self, commits: int = 200) -> str:
        """Say which PostgreSQL it is, whether it has `fsync` on, and what a commit costs."""
        with psycopg.connect(self.stack.database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE commits (n integer)")
            began = time.perf_counter()
            for number in range(commits):
                connection.execute("INSERT INTO commits VALUES (%s)", [number])
            each = (time.perf_counter() - began) / commits
            connection.execute("DROP TABLE commits")
            show = "SELECT current_setting('server_version'), current_setting('fsync')"
            number, fsync = connection.execute(show).fetchone() or ("", "")
        return f"PostgreSQL {number.split()[0]}, `fsync` {fsync}: a commit takes {ms(each)}"

    def _execute(self, sql: LiteralString, database: str | None = None) -> None:
        url = self.environment_of(database)["DATABASE_URL"]
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql)

    def have_alloy(self, *, forget: bool = True, **behaviour: float) -> None:
        """Set how Alloy answers (see `doubles.alloy.Behaviour`), and begin to count anew."""
        for door in self._doors.values():
            requests.put(f"{door}/behaviour", json=behaviour, timeout=10)
        if forget:
            self.forget_calls()

    def forget_calls(self) -> None:
        """Begin to count anew."""
        for door in self._doors.values():
            requests.delete(f"{door}/calls", timeout=10)

    def calls(self) -> list[Call]:
        """Return the calls since, oldest first."""
        return sorted(
            Call(at, key, status, host)
            for host, door in self._doors.items()
            for at, key, status in requests.get(f"{door}/calls", timeout=60).json()
        )

    def taken(self, host: str = "") -> int:
        """Return how many events Alloy has taken at the first door, or a host's; each once."""
        door = self._doors[host] if host else self._alloy
        return int(requests.get(f"{door}/count", timeout=60).json())

    def wait_for_calls(self, *, seconds: float = 30) -> None:
        """Wait until the sender has begun: until a call has come, however it was answered."""
        wait_until(self.calls, seconds=seconds, every=0.05)

    def wait_for(self, events: int, *, seconds: float, look_every: float = 0.2) -> bool:
        """Wait until so many events were taken, at most so long; return whether they were."""
        return wait_until(lambda: self.taken() >= events, seconds=seconds, every=look_every)

    def ceiling(self, calls: int) -> float:
        """Return how many calls a second Alloy takes with a core of its own, from a bare client."""
        self.have_alloy()
        before = self._seconds_of_cpu()
        call = post("/2023-12/run/event", b'{"event": "Fulfillment Updated"}', signature="")
        send(urlsplit(self._alloy).port or 80, [call] * calls, connections=50)
        return calls / (self._seconds_of_cpu() - before)

    def _seconds_of_cpu(self) -> float:
        return float(requests.get(f"{self._alloy}/cpu", timeout=10).json())


def stack_of(alloy: str, *, double: str = "", durable: bool = True, data: str = LOCAL) -> Stack:
    """Return an AcmeCo, not started yet, that writes to this Alloy."""
    variables = {"ALLOY_ENVIRONMENT": ENVIRONMENT, "ALLOY_SANDBOX_URL": alloy}
    environment = {**settings_of_bench(double), **variables}
    return Stack(postgres=True, durable=durable, environment=environment, data_address=data)


@contextmanager
def running_system(*, durable: bool = True) -> Iterator[System]:
    """Start what is needed; a merchant with an Alloy user exists, and nothing waits."""
    alloy = f"http://localhost:{free_port()}"
    with (
        stack_of(alloy, double="plain", durable=durable) as stack,
        Processes(logs=stack.directory / "bench-logs") as processes,
    ):
        system = System(stack, processes, {"": alloy})
        system.set_up()
        yield system


def fill(*, groups: int, each: int = 1, attempts: int = 0) -> None:
    """Add groups with so many messages each, by the database itself: a million take seconds.

    They wait; or, with attempts, were delivered at the last of them.
    """
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User

    now = timezone.now()
    values: dict[str, Any] = {
        "environment": ENVIRONMENT,
        "tenant": User.objects.get().pk,
        "each": each,
        "due": None if attempts else now,
        "state": "delivered" if attempts else "waiting",
        "attempts": attempts,
        "settled": now if attempts else None,
    }
    with connection.cursor() as cursor:
        # Nothing here can violate a reference, and checking ten million takes long.
        cursor.execute("SET session_replication_role = replica")
        for done in range(0, groups, GROUPS_AT_ONCE):
            some = min(GROUPS_AT_ONCE, groups - done)
            cursor.execute(FILL, {**values, "name": f"{now.timestamp()}:{done}:", "groups": some})
        cursor.execute("SET session_replication_role = DEFAULT")


def _become_acmeco(stack: Stack) -> None:
    """Have this process be one of the stack's, with a merchant and an empty outbox."""
    os.environ.update(stack.environment)
    import django

    django.setup()
    from accounts.models import User
    from integrations.models import AlloyUser, Message, MessageGroup

    merchant = User.objects.create(email="merchant@shop.example", password="!")  # noqa: S106
    AlloyUser.objects.filter(tenant=merchant).update(user_id="a" * 24)
    Message.objects.all().delete()
    MessageGroup.objects.all().delete()
