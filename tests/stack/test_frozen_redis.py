"""Redis takes connections and says nothing: the worst a broker can do to its clients."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator

import pytest

from tests.full_size import size
from tests.services.sandbox import Json, Sandbox
from tests.services.stack import Stack
from tests.stack.conftest import user_id_of
from tests.stack.merchant import Merchant
from tests.stack.waiting import wait_for

pytestmark = pytest.mark.scenario(4)

SECONDS_FROZEN = size(60, usual=0)
"""For at least so long; it stays frozen until all is done."""
WEBHOOKS = size(200, usual=10)
CHANGES = 10
VIEWS = size(50, usual=10)


@pytest.fixture
def _frozen_redis(acmeco: Stack, merchant: Merchant) -> Iterator[None]:
    process = acmeco.process("redis")
    process.signal(signal.SIGSTOP)
    yield
    process.signal(signal.SIGCONT)


@pytest.mark.usefixtures("_frozen_redis")
def test_orders_come_in_and_events_go_out_while_redis_says_nothing(
    alloy: Sandbox, merchant: Merchant, record_property: Callable[[str, object], None]
) -> None:
    began = time.monotonic()
    user_id, known = user_id_of(alloy, merchant), set(merchant.orders())
    placed = {str(alloy.place_order(user_id)["id"]) for _ in range(WEBHOOKS)}
    wait_for(lambda: len(answered(alloy, placed)) == WEBHOOKS)
    arrived = wait_for(lambda: some_new(merchant.orders(), known))
    for path in arrived:
        assert merchant.post(path, status="SHIPPED").status_code == 302
    views = [seconds_for(merchant, arrived[number % CHANGES]) for number in range(VIEWS)]
    wait_for(lambda: len(shipped_in_the_store(alloy, user_id) & placed) == CHANGES)
    while time.monotonic() - began < SECONDS_FROZEN:
        views.append(seconds_for(merchant, "/orders/"))
        time.sleep(1)
    webhooks = answered(alloy, placed)
    for webhook in webhooks:
        assert answers_to(webhook) == [202], webhook["attempts"]
    deliveries = [webhook["attempts"][0]["milliseconds"] / 1000 for webhook in webhooks]
    record_property(f"{len(views)} pages, seconds", spread(views))
    record_property(f"{WEBHOOKS} webhooks, seconds", spread(deliveries))


def some_new(paths: list[str], known: set[str]) -> list[str]:
    """Return as many new orders as are changed, [] while there are too few."""
    new = [path for path in paths if path not in known]
    return new[:CHANGES] if len(new) >= CHANGES else []


def answered(alloy: Sandbox, placed: set[str]) -> list[Json]:
    """Return the webhooks about these orders that need not be tried again."""
    webhooks = [each for each in alloy.all_webhooks("order") if each["status"] != "pending"]
    return [each for each in webhooks if str(each["body"]["id"]) in placed]


def shipped_in_the_store(alloy: Sandbox, user_id: str) -> set[str]:
    return {str(order["id"]) for order in alloy.orders(user_id) if order["status"] == "SHIPPED"}


def answers_to(webhook: Json) -> list[int]:
    """Return the statuses that AcmeCo answered with, one a try.

    A machine may be too busy for an answer in time. Where such a try had been kept all the same,
    the next one is answered with 200 instead.
    """
    in_time = [each for each in webhook["attempts"] if "Timeout" not in (each["error"] or "")]
    is_repeated = len(in_time) < len(webhook["attempts"])
    statuses = [each["responseStatus"] for each in in_time]
    return [202] if is_repeated and statuses == [200] else statuses


def seconds_for(merchant: Merchant, path: str) -> float:
    """Return how long a page took, which has to be there."""
    began = time.monotonic()
    assert merchant.get(path).status_code == 200
    return time.monotonic() - began


def spread(seconds: list[float]) -> str:
    """Return what is usual, what 99 of 100 stay below, and the worst."""
    ordered = sorted(seconds)
    middle, nearly_all = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return f"median {middle:.2f}, p99 {nearly_all:.2f}, longest {ordered[-1]:.2f}"
