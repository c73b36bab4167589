"""Whoever deploys a new release asks the old processes to end: nothing is sent twice for that."""

from __future__ import annotations

import signal
from collections.abc import Iterable

import pytest

from tests.full_size import size
from tests.services.sandbox import Json, Sandbox
from tests.stack.conftest import user_id_of
from tests.stack.merchant import Merchant
from tests.stack.production import Production
from tests.stack.tries import under_way, without_explained_repeats
from tests.stack.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.scenario(1)

STATUSES = ("PICKING", "PACKED", "SHIPPED", "FULFILLED", "CANCELLED")
ORDERS = size(10, usual=4)
STOPS = size(20, usual=1)


def test_workers_and_relay_that_are_asked_to_end_leave_no_event_to_be_repeated(
    acmeco: Production, alloy: Sandbox, merchant: Merchant
) -> None:
    user_id, known = user_id_of(alloy, merchant), set(merchant.orders())
    placed = {str(alloy.place_order(user_id)["id"]) for _ in range(ORDERS)}
    wait_for(lambda: len(set(merchant.orders()) - known) == ORDERS)
    paths = set(merchant.orders()) - known
    for stop in range(1, STOPS + 1):
        alloy.misbehave("/run/event", method="POST", delayMs=300)
        for status in STATUSES:
            for path in paths:
                assert merchant.post(path, status=status).status_code == 302
        ask_to_end(acmeco, "worker-1", "relay")
        assert under_way(acmeco, placed) == [], "a call was left in the middle"
        acmeco.start("relay", "worker-1")  # who still starts does not know yet how to end
        alloy.behave()
        wait_until_told(alloy, placed, times=stop * len(STATUSES))
    events = without_explained_repeats(acmeco, alloy.events())
    for order in placed:
        statuses = [event["data"]["status"] for event in about(events, {order})]
        assert statuses == list(STATUSES) * STOPS, "each once, in order"


def wait_until_told(alloy: Sandbox, orders: set[str], *, times: int) -> None:
    """Wait until Alloy took so many different events about each of the orders."""
    wait_for(lambda: len(keys(about(alloy.events(), orders))) >= len(orders) * times)


def ask_to_end(acmeco: Production, *names: str) -> None:
    """Ask processes to end, and give them all the time they need."""
    for name in names:
        acmeco.process(name).signal(signal.SIGTERM)
    for name in names:
        assert acmeco.process(name).wait(PATIENCE) == 0, f"{name} did not end by itself"


def about(events: Iterable[Json], orders: set[str]) -> list[Json]:
    """Return the events that tell of one of the orders, in the order in which Alloy took them."""
    return [event for event in events if event["data"]["orderId"] in orders]


def keys(events: Iterable[Json]) -> set[str]:
    """Return the keys by which repeats of an event are known."""
    return {event["idempotencyKey"] for event in events}
