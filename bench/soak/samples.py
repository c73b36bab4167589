"""What is looked at every few seconds: memory, connections, and what waits for how long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil

from bench.chaos.reading import Database
from tests.services.stack import Stack

NAME = "soak"
"""How our own connections to the database name themselves, so that they are not counted."""
STATE = f"""
    SELECT
      (SELECT extract(epoch FROM now() - min(due_at)) FROM integrations_lane
       WHERE due_at <= now()),
      (SELECT extract(epoch FROM now() - min(created_at)) FROM integrations_message
       WHERE state = 'waiting'),
      (SELECT extract(epoch FROM now() - min(due_at)) FROM integrations_delivery
       WHERE due_at <= now()),
      (SELECT count(*) FROM integrations_delivery WHERE due_at IS NOT NULL),
      (SELECT count(*) FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND application_name <> '{NAME}')
"""  # noqa: S608 -- our own words
RELAY_SENDS_WITH = 8
"""The default of `manage.py relay --threads`."""
RELAY_ALSO = 2
"""Its threads that receive and provision."""


@dataclass(frozen=True)
class Sample:
    """The state of things at a `second` of the steady load; the burst is before 0.

    `rss` is each process's memory in bytes, by part and process id. Ages are in seconds: of the
    event that is longest due (waits after a failure do not count), of the event that waits longest
    for whatever reason, and of the webhook that is longest due to be processed.
    """

    second: float
    rss: Mapping[str, int]
    due_age: float
    event_age: float
    webhook_age: float
    webhooks_waiting: int
    connections: int


def take(second: float, *, stack: Stack, parts: list[str], database: Database) -> Sample:
    """Look once."""
    due, event, webhook, waiting, connections = database.rows(STATE)[0]
    return Sample(
        second=second,
        rss={name: size for part in parts for name, size in _memory(stack, part)},
        due_age=float(due or 0),
        event_age=float(event or 0),
        webhook_age=float(webhook or 0),
        webhooks_waiting=int(waiting),
        connections=int(connections),
    )


def connections_configured(commands: Mapping[str, list[str]]) -> int:
    """Return how many connections the parts' command lines allow: one a thread or pool child."""
    return sum(_of(part, command) for part, command in commands.items())


def _of(part: str, command: list[str]) -> int:
    options = dict(word.split("=", 1) for word in command if word.startswith("--") and "=" in word)
    if part == "web":
        return int(options["--workers"]) * int(options["--threads"])
    if part.startswith("worker"):
        return int(options["--concurrency"])
    return int(options.get("--threads", RELAY_SENDS_WITH)) + RELAY_ALSO


def _memory(stack: Stack, part: str) -> Iterator[tuple[str, int]]:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(stack.process(part).pid)
        for each in [process, *process.children(recursive=True)]:
            yield f"{part} {each.pid}", each.memory_info().rss
