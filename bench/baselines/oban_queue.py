"""oban: a queue with so many jobs at a time. Its free edition keeps no order within a key.

https://oban.pro/docs/py
"""

from __future__ import annotations

import asyncio
import atexit

import aiohttp
from calls import DATABASE, TIMEOUT, URL, event, run
from oban import Job, Oban, worker
from oban.schema import install_sql
from psycopg import connect
from psycopg_pool import AsyncConnectionPool

loop = asyncio.new_event_loop()
pool: AsyncConnectionPool | None = None
session: aiohttp.ClientSession


@worker(queue="events", max_attempts=20)
class Send:
    """Posts an event."""

    async def process(self, job: Job) -> None:
        async with session.post(URL, **event(**job.args)) as answer:
            answer.raise_for_status()


def migrate() -> None:
    """Make the tables, where they are not yet."""
    with connect(DATABASE) as connection:
        if connection.execute("SELECT to_regclass('oban_jobs')").fetchone() == (None,):
            connection.execute(install_sql())


def publish(events: list[tuple[int, int]]) -> None:
    """Enqueue in one go: publishing is not what is measured."""
    jobs = [Send.new({"order": order, "number": number}) for order, number in events]
    loop.run_until_complete(enqueue(jobs))


async def enqueue(jobs: list[Job]) -> None:
    """Enqueue over one pool, however often this is called."""
    global pool
    if pool is None:
        pool = await Oban.create_pool(DATABASE)
        atexit.register(lambda: loop.run_until_complete(pool.close()))
    await Oban(pool=pool).enqueue_many(*jobs)


async def work(at_once: int) -> None:
    """Run the queue; a job that its worker left behind is rescued after 30 s, not after 300."""
    global session
    timeout = aiohttp.ClientTimeout(TIMEOUT)
    connector = aiohttp.TCPConnector(limit=at_once)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        rescue = {"interval": 10.0, "rescue_after": 30.0}
        pool = await Oban.create_pool(DATABASE)
        async with Oban(pool=pool, queues={"events": at_once}, lifeline=rescue):
            await asyncio.Event().wait()


if __name__ == "__main__":
    run(migrate, publish, lambda at_once: loop.run_until_complete(work(at_once)))
