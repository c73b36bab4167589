"""Nobody is told that a row is due: the sweep has to find it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable

import pytest

from acmeco.launcher.processes import PROJECT
from tests.services.sandbox import Json, Sandbox
from tests.stack.conftest import user_id_of
from tests.stack.merchant import Merchant
from tests.stack.production import Production
from tests.stack.publisher import KILLED
from tests.stack.tries import without_explained_repeats
from tests.stack.waiting import wait_for

pytestmark = pytest.mark.scenario(5)


@pytest.fixture
def storeless(acmeco: Production, alloy: Sandbox) -> Merchant:
    """A merchant with an Alloy user and no store, so that no workflow runs."""
    merchant = Merchant.who_signs_up(acmeco.url, "storeless@shop.example")
    wait_for(lambda: user_id_of(alloy, merchant))
    return merchant


def test_what_was_committed_arrives_though_its_process_died_and_what_was_not_never_does(
    acmeco: Production, alloy: Sandbox, storeless: Merchant
) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.stack.publisher", storeless.email],
        cwd=PROJECT,
        env={**os.environ, **acmeco.environment},
        check=True,
    )
    user_id = user_id_of(alloy, storeless)
    wait_for(lambda: len(set(orders_told_of(alloy.events(), user_id))) >= KILLED)
    events = without_explained_repeats(acmeco, alloy.events())
    assert orders_told_of(events, user_id) == [f"killed-{number}" for number in range(KILLED)]


def orders_told_of(events: Iterable[Json], user_id: str) -> list[str]:
    """Return the orders that a merchant's events are about, each as often as one is."""
    told = [event["data"]["orderId"] for event in events if event["userId"] == user_id]
    return sorted(told, key=lambda order: int(order.partition("-")[2]))
