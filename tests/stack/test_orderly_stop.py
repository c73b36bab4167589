"""Whoever deploys a new release asks the old processes to end: nothing is sent twice for that."""

from __future__ import annotations

import signal

import pytest

from tests.full_size import size
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack
from tests.stack.conftest import user_id_of
from tests.stack.merchant import Merchant
from tests.stack.waiting import PATIENCE, wait_for

pytestmark = [pytest.mark.stack, pytest.mark.scenario(1)]

STATUSES = ("PICKING", "PACKED", "SHIPPED", "FULFILLED", "CANCELLED")
ORDERS = size(10, usual=4)
STOPS = size(20, usual=1)


def test_workers_and_relay_that_are_asked_to_end_leave_no_event_to_be_repeated(
    acmeco: Stack, alloy: Sandbox, merchant: Merchant
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
        restart(acmeco, "worker-1", "relay")
        alloy.behave()
        wait_until_told(alloy, placed, times=stop * len(STATUSES))
    for order in placed:
        statuses = [status for name, status in told(alloy, placed) if name == order]
        assert statuses == list(STATUSES) * STOPS, "each once, in order"


def wait_until_told(alloy: Sandbox, orders: set[str], *, times: int) -> None:
    """Wait until Alloy took so many events about each of the orders."""
    wait_for(lambda: len(told(alloy, orders)) >= len(orders) * times)


def restart(acmeco: Stack, *names: str) -> None:
    """Ask processes to end, give them all the time they need, and start them again."""
    for name in names:
        acmeco.process(name).signal(signal.SIGTERM)
    for name in names:
        assert acmeco.process(name).wait(PATIENCE) == 0, f"{name} did not end by itself"
    acmeco.start(*names, wait=False)


def told(alloy: Sandbox, orders: set[str]) -> list[tuple[str, str]]:
    """Return the events that Alloy took about the orders, in the order in which it did."""
    events = [(event["data"]["orderId"], event["data"]["status"]) for event in alloy.events()]
    return [event for event in events if event[0] in orders]
