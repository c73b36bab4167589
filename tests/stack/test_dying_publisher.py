"""Nobody is told that a row is due: the sweep has to find it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from acmeco.launcher.processes import PROJECT
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack
from tests.stack.conftest import user_id_of
from tests.stack.merchant import Merchant
from tests.stack.publisher import KILLED
from tests.stack.waiting import wait_for

pytestmark = [pytest.mark.stack, pytest.mark.scenario(5)]


@pytest.fixture
def storeless(acmeco: Stack, alloy: Sandbox) -> Merchant:
    """A merchant with an Alloy user and no store, so that no workflow runs."""
    merchant = Merchant.who_signs_up(acmeco.url, "storeless@shop.example")
    wait_for(lambda: user_id_of(alloy, merchant))
    return merchant


def test_what_was_committed_arrives_though_its_process_died_and_what_was_not_never_does(
    acmeco: Stack, alloy: Sandbox, storeless: Merchant
) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.stack.publisher", storeless.email],
        cwd=PROJECT,
        env={**os.environ, **acmeco.environment},
        check=True,
    )
    wait_for(lambda: len(orders_told_of(alloy, storeless)) >= KILLED)
    assert orders_told_of(alloy, storeless) == [f"killed-{number}" for number in range(KILLED)]


def orders_told_of(alloy: Sandbox, merchant: Merchant) -> list[str]:
    """Return the orders that Alloy took an event about, each as often as it did."""
    user_id = user_id_of(alloy, merchant)
    told = [event["data"]["orderId"] for event in alloy.events() if event["userId"] == user_id]
    return sorted(told, key=lambda order: int(order.partition("-")[2]))
