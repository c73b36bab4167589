"""procrastinate: a lock for each order, so that its jobs run one at a time and in order.

https://procrastinate.readthedocs.io/en/stable/howto/advanced/locks.html, for the worker that dies
https://procrastinate.readthedocs.io/en/stable/howto/production/retry_stalled_jobs.html, and for
the pool https://procrastinate.readthedocs.io/en/stable/discussions.html#discussions-pool-size
"""

from __future__ import annotations

import asyncio

import aiohttp
import procrastinate
from calls import DATABASE, TIMEOUT, URL, event, run

POOL = 20
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=DATABASE, max_size=POOL))
sync = app.with_connector(procrastinate.SyncPsycopgConnector(conninfo=DATABASE))


@app.task(retry=procrastinate.RetryStrategy(max_attempts=40, exponential_wait=2), pass_context=True)
async def send(context: procrastinate.JobContext, order: int, number: int) -> None:
    """Post the event. A coroutine, as is advised: its loop waits for no thread."""
    session = context.additional_context["session"]
    async with session.post(URL, **event(order, number)) as answer:
        answer.raise_for_status()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="retry_stalled_jobs")
async def retry_stalled_jobs(timestamp: int) -> None:
    """Give the jobs of a worker that died to another one."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)


def migrate() -> None:
    """Make the tables, where they are not yet."""
    sync.open()
    if not sync.check_connection():
        sync.schema_manager.apply_schema()


def publish(events: list[tuple[int, int]]) -> None:
    """Defer in one go: publishing is not what is measured."""
    jobs = [
        send.configure(lock=f"order:{order}").make_new_job(order=order, number=number)
        for order, number in events
    ]
    sync.job_manager.batch_defer_jobs(jobs)


async def work(at_once: int) -> None:
    """Run the async worker. By default it looks every 5 s for locks that have become free."""
    timeout = aiohttp.ClientTimeout(TIMEOUT)
    calls = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once), timeout=timeout)
    async with calls as session, app.open_async():
        await app.run_worker_async(
            concurrency=at_once,
            delete_jobs="successful",
            fetch_job_polling_interval=0.1,
            additional_context={"session": session},
        )


if __name__ == "__main__":
    run(migrate, publish, lambda at_once: asyncio.run(work(at_once)))
