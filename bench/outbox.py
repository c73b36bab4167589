"""The outbox against `task.delay()`: how fast events leave, and how soon one is there.

The tasks of the plain way post the event and nothing else; they keep no order and lose what their
worker holds (`make chaos` counts that). `python -m bench.outbox --help`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable

from bench.chaos.report import grid
from bench.post_office import PostOffice, fill, open_post_office
from bench.timing import circumstances, ms, percentile, times

WARMING_UP = 5
WORKER = ("-m", "celery", "--app=acmeco", "worker", "--loglevel=WARNING", "--without-mingle")


def main() -> int:
    """Measure both ways in turn, and print a table of each comparison."""
    options = _options()
    with open_post_office() as office:
        rates = [
            _compare_rates(office, options, at_once=50, delay=0.1),
            _compare_rates(office, options, at_once=1, delay=0.0),
        ]
        delays = _compare_delays(office, options.singles)
    head = ("events a second", "outbox", "task.delay()", "ratio")
    print(f"\n{grid(head, rates, numbers={1, 2, 3})}")
    print(f"\n{grid(('from commit to Alloy', 'p50', 'p95'), delays, numbers={1, 2})}")
    print(f"\n{circumstances()}")
    return 0


def _compare_rates(
    office: PostOffice, options: argparse.Namespace, *, at_once: int, delay: float
) -> tuple[str, ...]:
    office.slow_alloy_down(delay)
    groups, each = (options.events, 1) if at_once > 1 else (1, options.events)
    rates: dict[Callable[..., float], list[float]] = {_rate_of_outbox: [], _rate_of_tasks: []}
    for _ in range(options.rounds):
        for way, found in rates.items():
            found.append(way(office, groups=groups, each=each, at_once=at_once))
    outbox, tasks = (statistics.median(found) for found in rates.values())
    what = f"{groups:,} orders, {at_once} at once" if at_once > 1 else f"one order's {each:,}"
    title = f"{what}; Alloy takes {delay * 1000:.0f} ms"
    return title, f"{outbox:,.0f}", f"{tasks:,.0f}", times(outbox / tasks)


def _rate_of_outbox(office: PostOffice, *, groups: int, each: int, at_once: int) -> float:
    fill(groups=groups, each=each)
    relay = ("manage.py", "relay", f"--threads={at_once}", "--interval=0.1")
    return office.rate_of(relay, events=groups * each)


def _rate_of_tasks(office: PostOffice, *, groups: int, each: int, at_once: int) -> float:
    from accounts.models import User
    from bench.doubles.tasks import post_event

    merchant = User.objects.get()
    for number in range(groups * each):
        data = {"orderId": "1", "status": "SHIPPED"}
        post_event.delay("Fulfillment Updated", merchant.pk, data, str(number))
    worker = (*WORKER, "--pool=threads", f"--concurrency={at_once}")
    return office.rate_of(worker, events=groups * each)


def _compare_delays(office: PostOffice, count: int) -> list[tuple[str, ...]]:
    from bench.doubles import plain
    from integrations import events

    office.slow_alloy_down(0)
    office.forget_calls()
    office.start("sender", *WORKER, "--concurrency=2")
    ways = {"outbox": events.publish, "task.delay()": plain.publish}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range((WARMING_UP + count) * len(ways)):
        name = list(ways)[number % len(ways)]
        began = time.time()
        _tell(ways[name])
        arrived = office.wait_for_calls(number + 1, look_every=0.02)[-1][0]
        seconds[name].append(arrived - began)
        time.sleep(0.05)
    office.stop("sender")
    warm = {name: found[WARMING_UP:] for name, found in seconds.items()}
    return [
        (name, ms(percentile(found, 50)), ms(percentile(found, 95))) for name, found in warm.items()
    ]


def _tell(publish: Callable[..., object]) -> None:
    from django.db import transaction

    from accounts.models import User
    from orders.events import FulfillmentUpdated

    with transaction.atomic():
        event = FulfillmentUpdated(orderId="1", status="SHIPPED")
        publish(event, tenant=User.objects.get(), subject="order:1")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.outbox", description=__doc__)
    parser.add_argument("--events", type=int, default=2000, help="of each comparison")
    parser.add_argument("--rounds", type=int, default=3, help="of each comparison")
    parser.add_argument("--singles", type=int, default=50, help="events published at idle")
    parser.add_argument("--small", action="store_true", help="only to see that it runs")
    options = parser.parse_args()
    if options.small:
        options.events, options.rounds, options.singles = 50, 1, 2
    return options


if __name__ == "__main__":
    sys.exit(main())
