"""procrastinate: a lock for each order, so that its jobs run one at a time and in order.

https://procrastinate.readthedocs.io/en/stable/howto/advanced/locks.html
"""

from __future__ import annotations

import os
import sys

import procrastinate
from post import post

DATABASE = os.environ["DATABASE_URL"]

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=DATABASE))


@app.task(retry=procrastinate.RetryStrategy(max_attempts=40, exponential_wait=2))
def send(order: int, number: int) -> None:
    """Runs in a thread, as procrastinate does with whatever is not async."""
    post(order, number)


def fill(orders: int, each: int) -> None:
    """Defer in batches: publishing is not what is measured."""
    with (
        app.replace_connector(procrastinate.SyncPsycopgConnector(conninfo=DATABASE)) as filling,
        filling.open(),
    ):
        if not filling.check_connection():
            filling.schema_manager.apply_schema()
        for order in range(orders):
            jobs = [{"order": order, "number": number} for number in range(each)]
            send.configure(lock=f"order:{order}").batch_defer(*jobs)


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill(*map(int, sys.argv[2:]))
    else:
        app.run_worker(concurrency=int(sys.argv[2]), delete_jobs="always")
