"""One run, from the first process to both sides' books."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing.connection import Connection

from bench.chaos.ledgers import Ledgers, OrderKey
from bench.chaos.load import ARRIVED
from bench.chaos.merchants import Merchant, welcome
from bench.chaos.reading import WAITING, Database, read_ledgers
from bench.chaos.stillness import Stillness
from bench.soak import clerks, samples, sender
from bench.soak.apart import apart
from bench.soak.clerks import Clerk, Visits
from bench.soak.plan import Alloy, Plan
from bench.soak.samples import Sample
from bench.soak.sender import Sent
from bench.soak.webhooks import Webhooks, private_pem
from tests.services.sandbox import Sandbox
from tests.services.stack import WEBHOOK_TOKEN, Stack

SENDERS = 2
ORDERS_OF_A_MERCHANT = 40
"""Placed in the store itself, so that a change of their status has somewhere to go."""
SLOW_MS = 10_000
EVERY = 5.0
"""Seconds between two samples."""
QUIET = 900.0
"""Seconds without any progress after which nothing more is expected: the longest wait between two
tries is ten minutes."""
ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "bench.doubles.settings", "LOG_JSON": "true"}


@dataclass(frozen=True)
class Outcome:
    """Everything that was seen. `drained` are the seconds from the last webhook to stillness."""

    plan: Plan
    burst: Sent
    steady: Sent
    visits: Visits
    started: float
    samples: list[Sample]
    connections_configured: int
    drained: float
    ledgers: Ledgers


def play(plan: Plan) -> Outcome:
    """Carry the plan out on a stack of its own."""
    with Stack(postgres=True, durable=True, environment=ENVIRONMENT) as stack:
        stack.start_all(workers=plan.workers)
        stack.start("relay", wait=False)
        url = f"{stack.database_url}?application_name={samples.NAME}"
        with Database(url) as database:
            return _Run(plan, stack, database).outcome()


class _Run:
    """A plan being carried out on a stack that is up."""

    def __init__(self, plan: Plan, stack: Stack, database: Database) -> None:
        self._plan, self._stack, self._database = plan, stack, database
        workers = [f"worker-{number}" for number in range(1, plan.workers + 1)]
        self._parts = ["web", "beat", "relay", *workers]
        self._sandbox = Sandbox(stack.sandbox_url)
        self._merchants = welcome(
            plan.merchants, url=stack.url, database=database, sandbox=self._sandbox
        )
        self._samples: list[Sample] = []
        self._alloy = Alloy.UP
        self._started = time.monotonic()

    def outcome(self) -> Outcome:
        """Load, wait for the drain, and read the books."""
        staff = self._employ()
        with self._senders() as pipes:
            burst = self._send(pipes, self._plan.burst_rate, self._plan.burst_seconds)
            with apart(clerks.work, self._stack.url, staff) as at_work:
                steady = self._send(pipes, self._plan.rate, self._plan.seconds, is_steady=True)
                at_work.send("stop")
                visits: Visits = at_work.recv()
        return Outcome(
            plan=self._plan,
            burst=burst,
            steady=steady,
            visits=visits,
            started=self._started,
            samples=self._samples,
            connections_configured=self._connections_configured(),
            drained=self._drain(),
            ledgers=self._books(visits, burst, steady),
        )

    def _employ(self) -> list[Clerk]:
        """Place the orders whose status will change, and wait until AcmeCo has them."""
        for merchant in self._merchants:
            for _ in range(ORDERS_OF_A_MERCHANT):
                self._sandbox.place_order(merchant.user_id)
        wanted = len(self._merchants) * ORDERS_OF_A_MERCHANT
        stillness = Stillness()
        while len(found := self._database.rows(ARRIVED.format(after=0))) < wanted:
            if stillness.seconds(len(found)) > 60:
                raise RuntimeError(f"Only {len(found)} of {wanted} orders arrived.")
            time.sleep(0.2)
        return [_clerk(merchant, found) for merchant in self._merchants]

    @contextmanager
    def _senders(self) -> Iterator[list[Connection]]:
        webhooks = self._webhooks()
        phases = (self._plan.bursting, self._plan.steady)
        with ExitStack() as processes:
            pipes = [
                processes.enter_context(
                    apart(
                        sender.work,
                        webhooks,
                        self._stack.port,
                        [numbers[n::SENDERS] for numbers in phases],
                    )
                )
                for n in range(SENDERS)
            ]
            print("signing ...", flush=True)
            for pipe in pipes:
                pipe.recv()
            yield pipes

    def _webhooks(self) -> Webhooks:
        return Webhooks(
            url=f"{self._stack.url}/webhooks/alloy/{WEBHOOK_TOKEN}/orders/",
            user_ids=tuple(merchant.user_id for merchant in self._merchants),
            private_pem=private_pem(self._stack.directory),
        )

    def _send(
        self, pipes: Sequence[Connection], rate: int, seconds: int, *, is_steady: bool = False
    ) -> Sent:
        """Have the senders send, and look on; return what came of it."""
        print(f"{rate} webhooks a second for {seconds} s ...", flush=True)
        begin = time.monotonic() + 0.5
        self._started = begin if is_steady else begin + seconds
        for place, pipe in enumerate(pipes):
            pipe.send((begin + place / max(rate, 1), SENDERS / max(rate, 1), begin + seconds))
        while time.monotonic() < begin + seconds:
            if is_steady:
                self._let_alloy_be(self._plan.alloy_at(time.monotonic() - begin))
            self._look()
            time.sleep(max(0.0, min(EVERY, begin + seconds - time.monotonic())))
        self._let_alloy_be(Alloy.UP)
        sent = Sent()
        for pipe in pipes:
            sent += pipe.recv()
        return sent

    def _look(self) -> None:
        second = time.monotonic() - self._started
        sample = samples.take(second, stack=self._stack, parts=self._parts, database=self._database)
        self._samples.append(sample)
        print(
            f"{second:7.0f} s  Alloy {self._alloy:4}  webhooks waiting {sample.webhooks_waiting:6}"
            f"  oldest {sample.webhook_age:5.1f} s  event {sample.event_age:5.1f} s",
            flush=True,
        )

    def _let_alloy_be(self, wanted: Alloy) -> None:
        if wanted is self._alloy:
            return
        if self._alloy is Alloy.DOWN:
            self._stack.start("sandbox")
        if self._alloy is Alloy.SLOW:
            self._sandbox.behave()
        if wanted is Alloy.DOWN:
            self._stack.stop("sandbox")
        if wanted is Alloy.SLOW:
            self._sandbox.misbehave("/", delayMs=SLOW_MS)
        self._alloy = wanted

    def _connections_configured(self) -> int:
        parts = [part for part in self._parts if part != "beat"]
        return samples.connections_configured(
            {part: list(self._stack.process(part).part.command) for part in parts}
        )

    def _drain(self) -> float:
        """Wait until nothing waits, or nothing moves any more; return after how many seconds."""
        began, stillness, looks = time.monotonic(), Stillness(), count()
        while (waiting := self._database.number(WAITING)) and stillness.seconds(waiting) < QUIET:
            if next(looks) % 60 == 0:
                print(f"{waiting} still wait ...", flush=True)
            time.sleep(0.5)
        return time.monotonic() - began

    def _books(self, visits: Visits, *sent: Sent) -> Ledgers:
        """Read the books; to the stores' orders come those that were only ever webhooks."""
        books = read_ledgers(
            self._database,
            self._sandbox,
            merchants=[merchant.user_id for merchant in self._merchants],
            confirmed=visits.confirmed,
        )
        order = self._webhooks().order
        taken_in = [order(number) for each in sent for number in each.accepted]
        refused = [order(number) for each in sent for number in each.not_accepted]
        streamed: dict[OrderKey, str] = dict.fromkeys([*taken_in, *refused], "")
        return replace(
            books,
            store={**streamed, **books.store},
            taken_in=[*books.taken_in, *taken_in],
        )


def _clerk(merchant: Merchant, arrived: Sequence[tuple[int, str, str]]) -> Clerk:
    own = [(key, number) for key, user_id, number in arrived if user_id == merchant.user_id]
    return Clerk(merchant, tuple(own))
