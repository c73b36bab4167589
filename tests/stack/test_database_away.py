"""PostgreSQL is stopped as in a power cut, and hangs up on everybody, while webhooks pour in."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
import requests

from acmeco.launcher.parts import find_server
from acmeco.launcher.processes import LaunchError
from bench.chaos.reading import WAITING, Database
from tests.full_size import FULL_SIZE
from tests.services.postgres import hang_up_on_all
from tests.services.sandbox import Sandbox
from tests.services.stack import WEBHOOK_TOKEN, Stack
from tests.stack.conftest import BIGCOMMERCE, user_id_of
from tests.stack.merchant import Merchant
from tests.stack.waiting import PATIENCE, wait_for

pytestmark = [
    pytest.mark.scenario(11),
    pytest.mark.skipif(not FULL_SIZE, reason="at its usual size this is bench.chaos --small"),
]

WEBHOOKS = 3_000
RATE = 200
SENDERS = 16
BLOWS = ("stop", "hang up") * 5
STATUSES = ("PICKING", "PACKED", "SHIPPED", "FULFILLED", "CANCELLED") * 20
OTHERS = ("web", "beat", "relay", "worker-1", "redis")


@pytest.fixture
def stack() -> Iterator[Stack]:
    """An AcmeCo whose PostgreSQL keeps what it has confirmed."""
    with Stack(postgres=True, durable=True) as stack:
        try:
            find_server()
            stack.start_all()
        except LaunchError as error:
            pytest.skip(f"could not set up PostgreSQL or Redis: {error}")
        stack.start("relay", wait=False)
        yield stack


@pytest.fixture
def alloy(stack: Stack) -> Iterator[Sandbox]:
    sandbox = Sandbox(stack.sandbox_url)
    yield sandbox
    sandbox.close()


@dataclass
class Deliveries:
    """Webhooks that are posted at the rate, each until it is taken; and what was answered."""

    url: str
    signed: list[tuple[str, str]]
    answers: Counter[str] = field(default_factory=Counter)
    taken_at: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self._sessions = threading.local()

    def deliver(self, number: int) -> None:
        """Wait for this one's turn, then post it until it is answered with 2xx."""
        time.sleep(max(0.0, self.began + number / RATE - time.monotonic()))
        body, signature = self.signed[number]
        ends = time.monotonic() + PATIENCE
        while not (answer := self._post(body, signature)).startswith("20"):
            self.answers[answer] += 1
            assert time.monotonic() < ends, f"never taken: {answer}"
            time.sleep(0.5)
        self.answers[answer] += 1
        self.taken_at.append(time.monotonic())

    def _post(self, body: str, signature: str) -> str:
        if not hasattr(self._sessions, "own"):
            self._sessions.own = requests.Session()
            self._sessions.own.trust_env = False
        headers = {"X-Alloy-Signature": signature, "Content-Type": "application/json"}
        try:
            answer = self._sessions.own.post(self.url, data=body, headers=headers, timeout=30)
        except requests.RequestException as error:
            return type(error).__name__
        return str(answer.status_code)

    def longest_gap(self) -> float:
        """Return the longest time in which nothing was taken, in seconds."""
        times = sorted(self.taken_at)
        return max(later - earlier for earlier, later in pairwise(times))


def test_nothing_that_was_answered_with_2xx_is_missing_and_nothing_has_to_be_started_again(
    stack: Stack, alloy: Sandbox, record_property: Callable[[str, object], None]
) -> None:
    merchant = Merchant.who_signs_up(stack.url, "merchant@shop.example")
    user_id = wait_for(lambda: user_id_of(alloy, merchant))
    alloy.install(user_id, BIGCOMMERCE)
    order = str(alloy.place_order(user_id)["id"])
    (path,) = wait_for(merchant.orders)
    processes = [stack.process(name).pid for name in OTHERS]
    deliveries = signed_deliveries(stack, alloy, user_id)

    with ThreadPoolExecutor(SENDERS + 1) as pool:
        changes = pool.submit(press_each, merchant, path)
        posts = [pool.submit(deliveries.deliver, number) for number in range(WEBHOOKS)]
        for number, blow in enumerate(BLOWS, start=1):
            wait_for(lambda: len(deliveries.taken_at) >= number * WEBHOOKS // (len(BLOWS) + 1))  # noqa: B023
            strike(stack, blow)
        for post in posts:
            post.result()
        changes.result()

    with Database(stack.database_url) as database:
        wait_for(lambda: database.number(WAITING) == 0)
        made = database.rows("SELECT external_id FROM orders_order")
    assert sorted(number for (number,) in made) == sorted([order, *numbers()])
    assert told_of(alloy, order) == list(STATUSES)
    assert set(deliveries.answers) <= {"200", "202", "503"}, deliveries.answers
    assert [stack.process(name).pid for name in OTHERS] == processes
    assert [stack.process(name).exit_code for name in OTHERS] == [None] * len(OTHERS)
    record_property("answers", dict(deliveries.answers))
    record_property("longest time without a 2xx, seconds", round(deliveries.longest_gap(), 1))
    lasted = max(deliveries.taken_at) - deliveries.began
    record_property("webhooks taken a second", round(WEBHOOKS / lasted))


def numbers() -> list[str]:
    return [str(1_000_000 + number) for number in range(WEBHOOKS)]


def signed_deliveries(stack: Stack, alloy: Sandbox, user_id: str) -> Deliveries:
    url = f"{stack.url}/webhooks/alloy/{WEBHOOK_TOKEN}/orders/?userId={user_id}"
    bodies = [json.dumps({"id": int(number)}) for number in numbers()]
    return Deliveries(url, [(body, alloy.sign(url, body)) for body in bodies])


def strike(stack: Stack, blow: str) -> None:
    if blow == "hang up":
        hang_up_on_all(stack.database_url)
        return
    stack.process("postgres").signal(signal.SIGQUIT)
    stack.process("postgres").wait(PATIENCE)
    stack.start("postgres")


def press_each(merchant: Merchant, path: str) -> None:
    """Set one status after the other."""
    for status in STATUSES:
        press(merchant, path, status)


def press(merchant: Merchant, path: str, status: str) -> None:
    """Set the status, again and again until it is confirmed, as a person does."""
    ends = time.monotonic() + PATIENCE
    while merchant.post(path, status=status).status_code != 302:
        assert time.monotonic() < ends, f"{status} was never confirmed"
        time.sleep(0.5)


def told_of(alloy: Sandbox, order: str) -> list[str]:
    """Return the statuses that Alloy was told of the order, repeats of a lost record left out."""
    told: list[str] = []
    for event in alloy.events():
        if event["data"]["orderId"] == order and event["data"]["status"] != (told or [""])[-1]:
            told.append(event["data"]["status"])
    return told
