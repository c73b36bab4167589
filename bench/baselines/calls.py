"""What the baselines share: the one call that each makes, and the three commands."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable

DATABASE = os.environ["DATABASE_URL"]
URL = f"{os.environ['ALLOY']}/2023-12/run/event"
TIMEOUT = 8


def event(order: int, number: int) -> dict[str, dict]:
    """Return body and headers, as both requests and aiohttp take them."""
    data = {"orderId": str(order), "number": number}
    return {
        "json": {"event": "Fulfillment Updated", "data": data},
        "headers": {
            "Idempotency-Key": f"{order}:{number}",
            "Authorization": "Bearer sandbox_bench",
        },
    }


def run(
    migrate: Callable[[], object],
    publish: Callable[[list[tuple[int, int]]], object],
    work: Callable[[int], object],
) -> None:
    """Do what the command line says; `publish` commits pairs of an order and a number."""
    command, *numbers = sys.argv[1], *map(int, sys.argv[2:])
    if command == "work":
        work(*numbers)
        return
    migrate()
    if command == "fill":
        orders, each = numbers
        publish([(order, number) for number in range(each) for order in range(orders)])
        return
    count, rate = numbers
    began, committed = time.monotonic(), {}
    for order in range(count):
        time.sleep(max(began + order / rate - time.monotonic(), 0))
        publish([(order, 0)])
        committed[f"{order}:0"] = time.time()
    print(json.dumps(committed))
