"""What an outage of Alloy costs: calls while it lasts, then the time to catch up.

Thousands of events of as many orders wait while the sandbox answers every one with 503, first
plainly, then with a Retry-After. `python -m bench.outage --help`. Ends with exit code 1 when an
event was lost, taken twice, or sent before its Retry-After.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from bench.chaos.reading import WAITING, Database
from bench.chaos.report import Row, all_hold, table
from bench.inside import inside
from bench.options import options as parse
from tests.services.sandbox import Json, Sandbox
from tests.services.stack import Stack

PATIENCE = 1200.0
"""Seconds after the outage within which the backlog has to be gone."""
UIDS = "SELECT uid FROM integrations_message WHERE kind = 'event'"


@dataclass(frozen=True)
class Outage:
    """One run: how many events wait, for how long Alloy is away, and what it asks for (seconds)."""

    events: int
    seconds: int
    workers: int
    retry_after: int = 0

    @property
    def title(self) -> str:
        asked = f", Retry-After: {self.retry_after}" if self.retry_after else ""
        return f"{self.events:,} events, {self.workers} workers and a relay, 503{asked}"


@dataclass(frozen=True)
class Call:
    """A call to `POST /run/event`, as the sandbox wrote it down."""

    uid: str
    at: datetime
    refused: bool


def main() -> int:
    """Measure both outages and print a table of each; return the exit code."""
    options = parse(events=10_000, seconds=120, workers=4, retry_after=30)
    holds = True
    for retry_after in (0, options.retry_after):
        outage = Outage(options.events, options.seconds, options.workers, retry_after)
        rows = measure(outage)
        print(f"\n{table(outage.title, rows)}", flush=True)
        holds &= all_hold(rows)
    return int(not holds)


def measure(outage: Outage) -> list[Row]:
    """Play one outage on a stack of its own."""
    print(f"{outage.title} ...", flush=True)
    with Stack(postgres=True) as stack, Database(stack.database_url) as database:
        _start(stack, workers=outage.workers)
        sandbox = Sandbox(stack.sandbox_url)
        fault: Json = {"retryAfter": outage.retry_after} if outage.retry_after else {}
        sandbox.misbehave("/run/event", method="POST", status=503, **fault)
        inside(stack, "bench.outage:publish", str(outage.events))
        began = datetime.now(UTC)
        time.sleep(outage.seconds)
        sandbox.behave()
        ended = datetime.now(UTC)
        _wait_until_drained(database)
        published = [str(uid) for (uid,) in database.rows(UIDS)]
        return figures(outage, published, _calls(sandbox), began=began, ended=ended)


def figures(
    outage: Outage,
    published: Sequence[str],
    calls: Sequence[Call],
    *,
    began: datetime,
    ended: datetime,
) -> list[Row]:
    """Compare what was published with the sandbox's record of the calls."""
    during = [call for call in calls if call.at < ended]
    taken = Counter(call.uid for call in calls if not call.refused)
    times = [call.at for call in calls if not call.refused]
    minutes = Counter(int((call.at - began) / timedelta(minutes=1)) for call in during)
    return [
        *(
            Row(f"calls in minute {minute + 1} of the outage", minutes[minute])
            for minute in range(-(-outage.seconds // 60))
        ),
        Row("from its end to the first event taken", _seconds(min(times) - ended), unit=" s"),
        Row("from its end to the last event taken", _seconds(max(times) - ended), unit=" s"),
        Row("events taken per second in between", round(_rate(times))),
        Row("events lost", len(set(published) - taken.keys()), limit=0),
        Row("events taken twice", sum(taken.values()) - len(taken), limit=0),
        Row("events sent before their Retry-After", _early(calls, outage.retry_after), limit=0),
    ]


def _early(calls: Sequence[Call], retry_after: int) -> int:
    """Count calls that came sooner after a refusal of the same event than it had asked for."""
    by_event = defaultdict[str, list[Call]](list)
    for call in calls:
        by_event[call.uid].append(call)
    wait = timedelta(seconds=retry_after)
    return sum(
        refused.at + wait > again.at
        for tries in by_event.values()
        for refused, again in pairwise(tries)
    )


def _seconds(span: timedelta) -> float:
    return round(span.total_seconds(), 1)


def _rate(times: Sequence[datetime]) -> float:
    return len(times) / max((max(times) - min(times)).total_seconds(), 1.0)


def _start(stack: Stack, *, workers: int) -> None:
    stack.start("redis", "postgres")
    stack.manage("migrate")
    stack.start_sandbox()
    inside(stack, "bench.outage:sign_up")
    stack.start("beat", "relay", *(f"worker-{number}" for number in range(1, workers + 1)))


def _wait_until_drained(database: Database) -> None:
    ends = time.monotonic() + PATIENCE
    while waiting := database.number(WAITING):
        if time.monotonic() > ends:
            raise RuntimeError(f"{waiting} events still wait {PATIENCE:.0f} s after the outage.")
        time.sleep(0.5)


def _calls(sandbox: Sandbox) -> list[Call]:
    """Return the calls in the order in which they came."""
    calls = [
        Call(
            uid=each["idempotencyKey"],
            at=datetime.fromisoformat(each["receivedAt"]),
            refused=each["status"] != 200,
        )
        for each in sandbox.requests()
        if each["path"].endswith("/run/event")
    ]
    return sorted(calls, key=lambda call: call.at)


def sign_up() -> None:
    """Add a merchant with an Alloy user, and no store: what is measured is the way to Alloy."""
    from django.core.management import call_command

    from accounts.models import User

    User.objects.bulk_create([User(email="merchant@shop.example", password="!")])  # noqa: S106
    call_command("provision_alloy_users")


def publish(count: str) -> None:
    """Write, at one blow, the rows that `publish` writes for one event of each order."""
    from django.db import transaction
    from django.utils import timezone

    from accounts.models import User
    from integrations import conf
    from integrations.events import group_key
    from integrations.models import Message, MessageGroup
    from orders.events import FULFILLMENT_UPDATED, FulfillmentUpdated

    merchant = User.objects.get()
    events = [FulfillmentUpdated(orderId=str(n), status="SHIPPED") for n in range(int(count))]
    with transaction.atomic():
        groups = MessageGroup.objects.bulk_create(
            MessageGroup(
                environment=conf.environment(),
                key=group_key(tenant=merchant, subject=f"order:{event.orderId}"),
                last_sequence=1,
                due_at=timezone.now(),
            )
            for event in events
        )
        Message.objects.bulk_create(
            Message(
                group=group,
                sequence=1,
                tenant=merchant,
                kind="event",
                name=FULFILLMENT_UPDATED,
                payload=event.model_dump(mode="json"),
            )
            for group, event in zip(groups, events, strict=True)
        )


if __name__ == "__main__":
    sys.exit(main())
