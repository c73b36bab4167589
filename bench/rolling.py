"""Replace version N of every process by N+1 under load. `python -m bench.rolling`.

Version N+1 is a copy of this checkout whose orders have one more column, which N does not know.
While orders stream in by webhooks, merchants change statuses and look at pages, the database is
migrated, relay, worker and web of N+1 start beside those of N, and then the old ones are asked to
end. Both gunicorns share a listening socket (SIGUSR2). `--hup` has one gunicorn take the new code
instead, as `systemctl reload` does: then requests wait until its new workers have loaded.

Takes two minutes. Ends with exit code 1 when a client saw any error, a webhook had to be sent
again, or the records differ.
"""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import requests

from acmeco.launcher.parts import management_part, web_part, worker_part
from acmeco.launcher.processes import PROJECT, Part, Processes
from bench.beside import Beside, wait_until
from bench.chaos.audit import Row, all_hold, table, verdict
from bench.chaos.load import Load, Merchant, open_session, welcome
from bench.chaos.plan import Plan
from bench.chaos.reading import WAITING, Database, read_records, was_taken_in
from bench.inside import settings_of_bench
from bench.options import options as parse
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack

PATIENCE = 120.0
"""Seconds within which whatever was asked for has happened."""
BEFORE, BESIDE = 10.0, 10.0
"""Seconds of load before and after, and with senders of both versions."""
NOT_COPIED = (".git", ".venv", "var", "node_modules", "__pycache__", ".*cache")
ANOTHER_COLUMN = """
Order.add_to_class("note_of_next", models.CharField(max_length=20, db_default=""))
"""
SAYS_WHO_ANSWERS = """
_old = application


def application(environ, start_response):
    def start(status, headers, *rest):
        return start_response(status, [*headers, ("X-Version", "next")], *rest)

    return _old(environ, start)
"""
SAYS_WHO_SENT = """
_deliver = deliver


def deliver(message, **options):
    log.warning("sent_by_next")
    return _deliver(message, **options)
"""


class Visitor(Beside):
    """Looks at a merchant's orders again and again, over a new connection each time."""

    def __init__(self, url: str, merchant: Merchant) -> None:
        super().__init__(self._look)
        self._url, self._headers = url, {**merchant.headers, "Connection": "close"}
        self.seen: Counter[str] = Counter()
        self.longest = 0.0

    def _look(self) -> None:
        with open_session() as session:
            while not self.stop.wait(0.05):
                began = time.monotonic()
                try:
                    page = session.get(f"{self._url}/orders/", headers=self._headers, timeout=30)
                    version = page.headers.get("X-Version", "this")
                    self.seen[version if page.status_code == 200 else str(page.status_code)] += 1
                except requests.RequestException as error:
                    self.seen[type(error).__name__] += 1
                self.longest = max(self.longest, time.monotonic() - began)


class Fleet:
    """The processes that are replaced: each role of either version."""

    def __init__(self, stack: Stack, processes: Processes, *, hup: bool) -> None:
        self._stack, self._processes, self._hup = stack, processes, hup
        self._next = stack.directory / "next"
        self._current = stack.directory / "current"  # a link, as after a deployment by one
        self._current.symlink_to(PROJECT)

    def start_this(self) -> None:
        """Start version N and wait until it serves."""
        web = web_part(self._stack.environment)
        program = str(Path(sys.executable).with_name("gunicorn"))  # a path, for SIGUSR2
        # Both gunicorns share one socket, and what is under way at the old one may end.
        options = [each for each in web.command[3:] if each != "--reuse-port"]
        command = [program, *options, "--graceful-timeout=30"]
        self._processes.start(_part_in(self._current, replace(web, command=command)))
        self._start_senders("this", PROJECT)
        self._processes.wait_until_ready()

    def roll(self, visitor: Visitor) -> None:
        """Put N+1 in the place of N."""
        _say("migrating")
        self._manage_next("migrate")
        _say("starting senders of N+1")
        self._start_senders("next", self._next)
        time.sleep(BESIDE)
        _say("starting web of N+1")
        following = self._stack.directory / "following"
        following.symlink_to(self._next)
        following.replace(self._current)
        web = self._processes.running["web"]
        web.signal(signal.SIGHUP if self._hup else signal.SIGUSR2)
        if not wait_until(lambda: visitor.seen["next"], seconds=PATIENCE):
            raise RuntimeError(f"Version N+1 served nobody: see {web.log}.")
        _say("ending N")
        for name in ("relay-this", "worker-this", *(() if self._hup else ("web",))):
            self._end(name)

    def sent_by_next(self) -> int:
        """Return how many messages relay and worker of N+1 have sent."""
        logs = (self._stack.directory / f"fleet/{role}-next.log" for role in ("relay", "worker"))
        return sum(log.read_text().count("sent_by_next") for log in logs)

    def prepare_next(self) -> None:
        """Make version N+1: one more column, with its migration."""
        shutil.copytree(PROJECT, self._next, ignore=shutil.ignore_patterns(*NOT_COPIED))
        _append(self._next / "orders/models.py", ANOTHER_COLUMN)
        _append(self._next / "acmeco/wsgi.py", SAYS_WHO_ANSWERS)
        _append(self._next / "integrations/outbox/relay.py", SAYS_WHO_SENT)
        self._manage_next("makemigrations orders --name next")

    def _manage_next(self, command: str) -> None:
        part = management_part(command, self._stack.environment, name=command.split()[0])
        self._processes.run(_part_in(self._next, part))

    def _start_senders(self, version: str, directory: Path) -> None:
        environment = self._stack.environment
        worker = worker_part(environment, name=f"worker-{version}", concurrency=2)
        relay = management_part("relay", environment, name=f"relay-{version}")
        self._processes.start(_part_in(directory, worker), _part_in(directory, relay))

    def _end(self, name: str) -> None:
        process = self._processes.running.pop(name)
        process.signal(signal.SIGTERM)
        if process.wait(PATIENCE) != 0:
            raise RuntimeError(f"{name} ended with {process.exit_code}: see {process.log}.")


def _part_in(directory: Path, part: Part) -> Part:
    # Through a shell, which notes the link in PWD, where gunicorn looks again at each SIGHUP.
    enter = ["sh", "-c", 'cd "$0" && exec "$@"', str(directory), *part.command]
    return replace(part, command=enter)


def main() -> int:
    """Roll once, print what came of it; return the exit code."""
    options = parse(writes="", seed=1, hup=False)
    plan = Plan(seed=options.seed, orders=20_000, changes=60_000, merchants=4)
    with (
        Stack(postgres=True, durable=True, environment=settings_of_bench()) as stack,
        Processes(logs=stack.directory / "fleet") as processes,
    ):
        fleet = Fleet(stack, processes, hup=options.hup)
        fleet.prepare_next()
        stack.start("redis", "postgres", "sandbox")
        stack.manage("migrate")
        fleet.start_this()
        stack.start("beat", wait=False)
        with Database(stack.database_url) as database:
            rows = _play(plan, stack, fleet, database)
        shutil.copytree(stack.directory / "fleet", PROJECT / "var/rolling-logs", dirs_exist_ok=True)
    print(f"\n{table('rolling', rows)}")
    return int(not all_hold(rows))


def _play(plan: Plan, stack: Stack, fleet: Fleet, database: Database) -> list[Row]:
    sandbox = Sandbox(stack.sandbox_url)
    merchants = welcome(plan.merchants, url=stack.url, database=database, sandbox=sandbox)
    load, visitor = Load(plan, merchants, stack), Visitor(stack.url, merchants[0])
    with visitor, load:
        time.sleep(BEFORE)
        fleet.roll(visitor)
        time.sleep(BEFORE)
        load.raise_if_failed()
    _drain(database, sandbox)
    records = read_records(
        database,
        sandbox,
        merchants=[merchant.user_id for merchant in merchants],
        confirmed=load.confirmed,
    )
    tried = [hook["attempts"] for hook in sandbox.all_webhooks("order")]
    errors = load.errors + visitor.seen
    answered = {version: errors.pop(version, 0) for version in ("this", "next")}
    return [
        Row("orders that came by webhook", len(tried)),
        Row("changes of status confirmed", load.made),
        *(Row(f"pages shown by version {name}", count) for name, count in answered.items()),
        Row("calls to Alloy", database.number("SELECT count(*) FROM integrations_attempt")),
        Row("... by senders of version next", fleet.sent_by_next()),
        Row("the longest wait for a page", round(visitor.longest, 1), unit=" s"),
        *(Row(f"errors seen by clients: {what}", n, limit=0) for what, n in errors.items()),
        Row("webhooks not taken at once", sum(len(each) > 1 for each in tried), limit=0),
        *verdict(records),
    ]


def _drain(database: Database, sandbox: Sandbox) -> None:
    """Wait until every webhook was taken, and nothing waits any more."""

    def is_drained() -> bool:
        taken = all(map(was_taken_in, sandbox.all_webhooks("order")))
        return taken and not database.number(WAITING)

    wait_until(is_drained, seconds=PATIENCE, every=0.5)


def _append(file: Path, text: str) -> None:
    with file.open("a") as opened:
        opened.write(text)


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
