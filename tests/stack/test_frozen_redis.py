"""Redis takes connections and says nothing: the worst a broker can do to its clients."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.services.sandbox import Json, Sandbox
from tests.services.stack import Stack
from tests.stack.conftest import user_id_of
from tests.stack.merchant import Merchant
from tests.stack.waiting import wait_for

pytestmark = pytest.mark.stack

ORDERS = 10


@pytest.fixture
def _frozen_redis(acmeco: Stack, merchant: Merchant) -> Iterator[None]:
    process = acmeco.process("redis")
    process.signal(signal.SIGSTOP)
    yield
    process.signal(signal.SIGCONT)


@pytest.mark.usefixtures("_frozen_redis")
def test_orders_come_in_and_events_go_out_while_redis_says_nothing(
    alloy: Sandbox, merchant: Merchant
) -> None:
    user_id, known = user_id_of(alloy, merchant), set(merchant.orders())
    placed = {str(alloy.place_order(user_id)["id"]) for _ in range(ORDERS)}
    wait_for(lambda: len(arrived := set(merchant.orders()) - known) == ORDERS and arrived)
    for path in set(merchant.orders()) - known:
        assert merchant.post(path, status="SHIPPED").status_code == 302
        assert merchant.get(path).status_code == 200
    wait_for(lambda: placed <= shipped_in_the_store(alloy, user_id))
    webhooks = [hook for hook in alloy.all_webhooks("order") if str(hook["body"]["id"]) in placed]
    assert [answers_to(hook) for hook in webhooks] == [[202]] * ORDERS


def shipped_in_the_store(alloy: Sandbox, user_id: str) -> set[str]:
    return {str(order["id"]) for order in alloy.orders(user_id) if order["status"] == "SHIPPED"}


def answers_to(webhook: Json) -> list[int]:
    """Return the statuses that AcmeCo answered with, one a try."""
    return [attempt["responseStatus"] for attempt in webhook["attempts"]]
