"""What the outbox's benches need: AcmeCo with PostgreSQL and Redis, and an Alloy that only counts.

The bench's own process becomes one of AcmeCo's, so `import django` comes late everywhere here.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import requests

from acmeco.launcher.parts import free_port, http_answers
from acmeco.launcher.processes import Part, Processes
from tests.services.stack import Stack

PATIENCE = 600.0
"""Seconds after which events that should have arrived never will."""
ENVIRONMENT = "bench"

GROUPS = """
    INSERT INTO integrations_messagegroup (environment, key, last_sequence, due_at, failures)
    SELECT %(environment)s, %(name)s || n, %(each)s, %(due)s, 0
    FROM generate_series(1, %(groups)s) AS n
    RETURNING id
"""
MESSAGES = f"""
    WITH groups AS ({GROUPS})
    INSERT INTO integrations_message (
        group_id, sequence, uid, tenant_id, kind, name, payload, state, attempts_made, last_error,
        correlation_id, created_at, settled_at
    )
    SELECT
        groups.id, n, gen_random_uuid(), %(tenant)s, 'event', 'Fulfillment Updated',
        '{{"orderId": "1", "status": "SHIPPED"}}', %(state)s, %(attempts)s, '', '', now(),
        %(settled)s
    FROM groups, generate_series(1, %(each)s) AS n
"""  # noqa: S608 -- both parts are constants


class System:
    """A running AcmeCo without web server, and the Alloy it writes to."""

    def __init__(self, stack: Stack, processes: Processes, alloy: str) -> None:
        self.stack, self._processes, self._alloy = stack, processes, alloy

    def start(
        self,
        name: str,
        *command: str,
        python: str = sys.executable,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start a process of AcmeCo's, or a peer's: the arguments of `python`."""
        self._processes.start(
            Part(name, [python, *command], {**(environment or self.stack.environment)})
        )

    def kill(self, name: str) -> None:
        """End it as a power cut would."""
        self._processes.kill(name)

    def make_database(self, name: str) -> None:
        """Make a database for a peer, beside AcmeCo's."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")

    def environment_of_peer(self, database: str) -> dict[str, str]:
        """Return what a peer that keeps its rows in this database sees."""
        url = self.stack.database_url.rpartition("/")[0].replace("postgres://", "postgresql://")
        return {**os.environ, "DATABASE_URL": f"{url}/{database}", "ALLOY": self._alloy}

    def stop(self, name: str) -> None:
        """Ask it to end, and wait until it has."""
        self._processes.stop(name)

    def slow_alloy_down(self, seconds: float) -> None:
        """Have Alloy take this long for each call."""
        requests.put(f"{self._alloy}/delay/{seconds}", timeout=10)

    def forget_calls(self) -> None:
        """Begin to count anew."""
        requests.delete(f"{self._alloy}/calls", timeout=10)

    def calls(self) -> list[tuple[float, str]]:
        """Return when each event came, and its key, oldest first."""
        answer: list[tuple[float, str]] = requests.get(f"{self._alloy}/calls", timeout=60).json()
        return answer

    def rate_of(self, command: Sequence[str], *, events: int, **peer: Any) -> float:
        """Run it until so many events have come; return how many came a second in between."""
        self.forget_calls()
        self.start("sender", *command, **peer)
        moments = [moment for moment, _ in self.wait_for_calls(events)]
        self.stop("sender")
        if len(moments) < events:
            raise RuntimeError(f"Only {len(moments):,} of {events:,} events came.")
        return (len(moments) - 1) / (moments[-1] - moments[0])

    def count(self) -> int:
        """Return how many events have come, repeats not counted."""
        return int(requests.get(f"{self._alloy}/count", timeout=60).json())

    def wait_for_calls(
        self, count: int, *, look_every: float = 0.2, patience: float = PATIENCE
    ) -> list[tuple[float, str]]:
        """Wait until so many events have come, or for as long as anybody would; return the calls.

        What is lost never comes.
        """
        ends = time.monotonic() + patience
        while self.count() < count and time.monotonic() < ends:
            time.sleep(look_every)
        return self.calls()


@contextmanager
def running_system(*, durable: bool = False) -> Iterator[System]:
    """Start what is needed; a merchant with an Alloy user exists, and nothing waits."""
    port = free_port()
    alloy = f"http://localhost:{port}"
    environment = {
        "ALLOY_SANDBOX_URL": alloy,
        "ALLOY_ENVIRONMENT": ENVIRONMENT,
        "DJANGO_SETTINGS_MODULE": "bench.doubles.settings",
        "BENCH_DOUBLE": "plain",
        "LOG_JSON": "true",  # as in production
    }
    with (
        Stack(postgres=True, durable=durable, environment=environment) as stack,
        Processes(logs=stack.directory / "bench-logs") as processes,
    ):
        counter = [sys.executable, "-m", "bench.doubles.alloy", str(port)]
        stack.start("redis", "postgres")
        processes.start(Part("alloy", counter, is_ready=lambda: http_answers(f"{alloy}/calls")))
        processes.wait_until_ready()
        stack.manage("migrate")
        _become_acmeco(stack)
        yield System(stack, processes, alloy)


def fill(*, groups: int, each: int = 1, waiting: bool = True) -> None:
    """Add groups with so many messages each, by the database itself: a million take seconds."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User

    now = timezone.now()
    values: dict[str, Any] = {
        "environment": ENVIRONMENT,
        "name": f"{now.timestamp()}:",
        "tenant": User.objects.get().pk,
        "groups": groups,
        "each": each,
        "due": now if waiting else None,
        "state": "waiting" if waiting else "delivered",
        "attempts": 0 if waiting else 1,
        "settled": None if waiting else now,
    }
    with connection.cursor() as cursor:
        cursor.execute(MESSAGES, values)


def _become_acmeco(stack: Stack) -> None:
    os.environ.update(stack.environment)
    import django

    django.setup()
    from accounts.models import User
    from integrations.models import AlloyUser, Message, MessageGroup

    merchant = User.objects.create(email="merchant@shop.example", password="!")  # noqa: S106
    AlloyUser.objects.filter(tenant=merchant).update(user_id="a" * 24)
    Message.objects.all().delete()
    MessageGroup.objects.all().delete()
