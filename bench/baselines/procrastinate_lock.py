"""procrastinate: a lock for each order, so that its jobs run one at a time and in order.

https://procrastinate.readthedocs.io/en/stable/howto/advanced/locks.html and, for the worker that
dies, https://procrastinate.readthedocs.io/en/stable/howto/production/retry_stalled_jobs.html
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import procrastinate
from post import post

DATABASE = os.environ["DATABASE_URL"]

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=DATABASE))


@app.task(retry=procrastinate.RetryStrategy(max_attempts=40, exponential_wait=2))
def send(order: int, number: int) -> None:
    """Runs in a thread, as procrastinate does with whatever is not async."""
    post(order, number)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="retry_stalled_jobs")
async def retry_stalled_jobs(timestamp: int) -> None:
    """Give the jobs of a worker that died to another one."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)


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


async def work(at_once: int) -> None:
    """Run the async worker, with a thread for each job: asyncio has six of its own here."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(at_once))
    async with app.open_async():
        await app.run_worker_async(concurrency=at_once, delete_jobs="always")


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill(*map(int, sys.argv[2:]))
    else:
        asyncio.run(work(int(sys.argv[2])))
