"""A pool child that was replaced holds its parent's connections to Redis.

When then only the parent is killed, Redis still serves the dead reader, and what is sent in that
moment is gone: with plain tasks, nearly every time.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime

import psutil
import pytest

from tests.full_size import size
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack
from tests.stack.conftest import user_id_of
from tests.stack.merchant import Merchant
from tests.stack.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.scenario(2)

TIMES = size(20, usual=1)


@pytest.mark.parametrize("turn", range(TIMES))
def test_an_event_published_as_the_workers_main_process_dies_arrives(
    acmeco: Stack,
    alloy: Sandbox,
    merchant: Merchant,
    turn: int,
    record_property: Callable[[str, object], None],
) -> None:
    worker, user_id, known = (
        acmeco.process("worker-1"),
        user_id_of(alloy, merchant),
        set(merchant.orders()),
    )
    order = alloy.place_order(user_id)["id"]
    (path,) = wait_for(lambda: set(merchant.orders()) - known)
    before = {child.pid for child in psutil.Process(worker.pid).children()}
    os.kill(max(before), signal.SIGKILL)
    wait_for(lambda: {child.pid for child in psutil.Process(worker.pid).children()} - before)
    worker.signal(signal.SIGKILL)
    killed = datetime.now(UTC)
    assert merchant.post(path, status="PACKED").status_code == 302
    worker.wait(PATIENCE)
    acmeco.start("worker-1")
    wait_for(
        lambda: {each["id"]: each["status"] for each in alloy.orders(user_id)}[order] == "PACKED"
    )
    *_, newest = alloy.events()
    told = datetime.fromisoformat(newest["acceptedAt"]) - killed
    record_property("seconds until Alloy was told", round(told.total_seconds(), 1))
