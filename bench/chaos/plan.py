"""What one run does: how much load, and what is killed when. The same seed, the same plan."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

STATUSES = ("PICKING", "PACKED", "SHIPPED", "FULFILLED", "CANCELLED")

How = Literal["whole", "main process", "pool child", "emptied", "immediate stop", "all connections"]


@dataclass(frozen=True)
class Kill:
    """One blow: `at` is the share of the load (0 to 1) that is done when it falls.

    `down` is for how many seconds the part then stays away.
    """

    at: float
    part: str
    how: How
    down: float


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The size of a run: orders placed in the stores, status changes made here, kills.

    `rate_factor`: how many times as many clients as usual are at it.
    """

    seed: int
    orders: int
    changes: int
    rate_factor: int = 1
    merchants: int = 10
    workers: int = 2
    worker_kills: int = 0
    redis_kills: int = 0
    database_stops: int = 0
    database_hang_ups: int = 0
    web_kills: int = 0
    beat_kills: int = 0
    relay_kills: int = 0

    def __post_init__(self) -> None:
        if not self.orders <= self.changes <= self.orders * len(STATUSES):
            raise ValueError(
                f"An order takes between 1 and {len(STATUSES)} changes of status, so"
                f" {self.changes} changes need other than {self.orders} orders."
            )

    @property
    def parts(self) -> list[str]:
        """The processes that are killed and supervised: all of AcmeCo, and nothing of Alloy."""
        workers = (f"worker-{number}" for number in range(1, self.workers + 1))
        return ["redis", "postgres", "web", "beat", "relay", *workers]

    def kills(self) -> list[Kill]:
        """Return all kills, in random order, evenly spread over the load."""
        dice = random.Random(self.seed)  # noqa: S311 -- repeatable on purpose
        blows: list[tuple[str, How, float]] = [
            *(self._worker_kill(number, dice) for number in range(self.worker_kills)),
            *[("redis", "emptied", dice.uniform(0.5, 3.0)) for _ in range(self.redis_kills)],
            *[("postgres", "immediate stop", 0.0) for _ in range(self.database_stops)],
            *[("postgres", "all connections", 0.0) for _ in range(self.database_hang_ups)],
            *[("web", "whole", 0.5) for _ in range(self.web_kills)],
            *[("beat", "whole", 1.0) for _ in range(self.beat_kills)],
            *[("relay", "whole", 1.0) for _ in range(self.relay_kills)],
        ]
        dice.shuffle(blows)
        place = 1 / max(len(blows), 1)
        return [
            Kill((number + dice.random()) * place, part, how, down)
            for number, (part, how, down) in enumerate(blows)
        ]

    def statuses(self) -> list[list[str]]:
        """Return for each order the statuses it is to go through, no status twice."""
        dice = random.Random(self.seed + 1)  # noqa: S311 -- repeatable on purpose
        least, more = divmod(self.changes, self.orders)
        return [dice.sample(STATUSES, least + (number < more)) for number in range(self.orders)]

    def _worker_kill(self, number: int, dice: random.Random) -> tuple[str, How, float]:
        """A killed child first, so that a later main process dies with an inherited socket open."""
        ways: tuple[How, ...] = ("whole", "pool child", "main process", "whole")
        worker = f"worker-{1 + dice.randrange(self.workers)}"
        return worker, ways[number % len(ways)], dice.uniform(0.1, 1.0)


def full(seed: int) -> Plan:
    """The run that the documentation quotes."""
    databases = {"database_stops": 5, "database_hang_ups": 5}
    others = {"worker_kills": 24, "redis_kills": 5, "web_kills": 2, "beat_kills": 1}
    return Plan(seed=seed, orders=10_000, changes=30_000, relay_kills=2, **databases, **others)


def small(seed: int) -> Plan:
    """The run that is part of the tests."""
    once = dict.fromkeys(("redis_kills", "database_stops", "database_hang_ups", "web_kills"), 1)
    return Plan(seed=seed, orders=80, changes=240, merchants=4, worker_kills=3, **once)


def calm(seed: int) -> Plan:
    """A run without kills, to show that a check finds what is broken on purpose."""
    return Plan(seed=seed, orders=100, changes=300, merchants=2)


def compared(seed: int) -> Plan:
    """The run that is played twice, with and without the outbox."""
    kills = {"worker_kills": 4, "redis_kills": 1, "database_stops": 1}
    return Plan(seed=seed, orders=600, changes=1_800, merchants=4, **kills)
