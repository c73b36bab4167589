"""One run, from the first process to both sides' records."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass

import psycopg

from acmeco.launcher.processes import PROJECT
from bench.chaos.audit import Records, Row
from bench.chaos.killer import Killer, Stillness
from bench.chaos.load import Load, welcome
from bench.chaos.plan import Plan
from bench.chaos.reading import WAITING, Database, read_records
from bench.inside import settings_of_bench
from tests.services.sandbox import Json, Sandbox
from tests.services.stack import Stack

LOGS = PROJECT / "var" / "chaos-logs"
"""Where every process's log is kept after a run."""

PLAIN = "plain"
"""The double that sends events by `task.delay()` after commit instead of through the outbox."""

FAULTS: tuple[Json, ...] = (
    {"status": 500, "rate": 0.05},
    {"status": 503, "rate": 0.05},
    {"retryAfter": 1, "rate": 0.05},
    {"drop": "after", "rate": 0.05},
    {"delayMs": 9_000, "rate": 0.005},
)
"""How Alloy misbehaves on `POST /run/event`: 10 % 5xx, 5 % 429, 5 % carried out and then hung up
on, 0.5 % carried out and answered only after our deadline of 8 s."""

QUIET = 120.0
"""Seconds without any progress after which nothing more is expected. Longer than the sandbox
goes on trying to deliver a webhook (31 s and four time-outs of 10 s), than a dead worker's lease
lasts (20 s), and than an open circuit waits for its next probe (38 s)."""
LATE = 3.0
"""Seconds for which nothing may move before all counts as arrived: a request whose client has given
up on it, and asked again, may still commit its change."""


@dataclass(frozen=True)
class Outcome:
    """What came of a run: both sides' records, and figures that only inform."""

    records: Records
    facts: list[Row]


def play(plan: Plan, *, double: str = "") -> Outcome:
    """Carry the plan out on a stack of its own; `double` names a stand-in of bench/doubles."""
    environment = settings_of_bench(double)
    with Stack(postgres=True, durable=True, environment=environment) as stack:
        try:
            stack.start_all(workers=plan.workers)
            stack.start("relay", wait=False)
            with Database(stack.database_url) as database:
                return _Run(plan, stack, database, is_plain=double == PLAIN).outcome()
        finally:
            shutil.copytree(stack.logs, LOGS / (double or "product"), dirs_exist_ok=True)


class _Run:
    """A plan being carried out on a stack that is up."""

    def __init__(self, plan: Plan, stack: Stack, database: Database, *, is_plain: bool) -> None:
        self._plan, self._database, self._is_plain = plan, database, is_plain
        self._sandbox = Sandbox(stack.sandbox_url)
        self._merchants = welcome(
            plan.merchants, url=stack.url, database=database, sandbox=self._sandbox
        )
        self._load = Load(plan, self._merchants, stack)
        self._killer = Killer(stack, plan, progress=self._progress)
        self._resent = 0

    def outcome(self) -> Outcome:
        """Load and kill, wait for the drain, and read the records."""
        self._misbehave()
        began = time.monotonic()
        with self._killer:
            with self._load:
                self._wait_for_load()
            loaded = time.monotonic()
            self._wait_for_kills()
            disturbed = time.monotonic()
            drained = self._drain()
        return Outcome(
            read_records(
                self._database,
                self._sandbox,
                merchants=[merchant.user_id for merchant in self._merchants],
                confirmed=self._load.confirmed,
            ),
            self._facts(loaded - began, max(0.0, drained - disturbed), drained - began),
        )

    def _progress(self) -> float:
        return (self._load.made + self._sandbox.events_accepted()) / (2 * self._plan.changes)

    def _misbehave(self) -> None:
        for number, fault in enumerate(FAULTS):
            seed = self._plan.seed + number
            self._sandbox.misbehave("/run/event", method="POST", seed=seed, **fault)

    def _wait_for_load(self) -> None:
        """Wait until every change is confirmed, or no more are because orders are missing."""
        stillness = Stillness()
        while not self._load.is_over and stillness.seconds(self._load.made) < QUIET:
            self._pause()

    def _wait_for_kills(self) -> None:
        while not self._killer.is_over:
            self._pause()

    def _drain(self) -> float:
        """Wait until all has arrived, or until nothing moves any more; return when that was."""
        stillness = Stillness()
        while (unmoved := stillness.seconds(state := self._state())) < QUIET:
            if self._has_arrived(*state) and unmoved > LATE:
                return stillness.since
            self._pause()
        if state[0] < self._plan.orders and self._resend_webhooks():
            return self._drain()
        return stillness.since

    def _state(self) -> tuple[int, int, int]:
        """Return how many orders are here, how much still waits, and what Alloy has taken."""
        try:
            orders = self._database.number("SELECT count(*) FROM orders_order")
            waiting = self._database.number(WAITING)
        except psycopg.OperationalError:
            return (0, -1, 0)
        return orders, waiting, self._sandbox.events_accepted()

    def _has_arrived(self, orders: int, waiting: int, _: int) -> bool:
        """Plain tasks wait nowhere that one could look: there only silence says it is over."""
        return not self._is_plain and orders >= self._plan.orders and waiting == 0

    def _resend_webhooks(self) -> int:
        """Do what an operator does about webhooks that Alloy gave up on; return how many."""
        failed = [
            hook for hook in self._sandbox.all_webhooks("order") if hook["status"] == "failed"
        ]
        for webhook in failed:
            self._sandbox.redeliver(webhook["id"])
        self._resent += len(failed)
        return len(failed)

    def _pause(self) -> None:
        time.sleep(0.5)
        self._load.raise_if_failed()
        self._killer.raise_if_failed()

    def _facts(self, loading: float, draining: float, total: float) -> list[Row]:
        attempts = self._database.number("SELECT count(*) FROM integrations_attempt")
        errors = self._load.errors
        return [
            Row("orders placed in the stores", self._plan.orders),
            Row("status changes confirmed to clients", self._load.made),
            Row("... a second", round(self._load.made / loading, 1)),
            Row("calls to Alloy made for them", attempts),
            *(
                Row(f"kills: {part}, {how}", times)
                for (part, how), times in sorted(self._killer.done.items())
            ),
            *(
                Row(f"ended by itself and started again: {part}", times)
                for part, times in sorted(self._killer.exits.items())
            ),
            *(Row(f"errors seen by clients: {what}", n) for what, n in sorted(errors.items())),
            Row("webhooks given up by Alloy and sent again", self._resent),
            Row("time under load", round(loading), unit=" s"),
            Row("time to drain after it", round(draining, 1), unit=" s"),
            Row("time in all", round(total), unit=" s"),
        ]
