"""The ways to get an order's events to Alloy that are compared, each as one object."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.outbox.system import Call, System, fill

BASELINES = Path(__file__).parents[1] / "baselines"
CELERY = ("-m", "celery", "--app=acmeco", "worker", "--loglevel=WARNING", "--without-mingle")
OURS, CELERY_ALONE, TASKS = "outbox", "outbox, Celery alone", "task.delay()"
PEERS = {
    "procrastinate": ("procrastinate_lock.py", 100.0),
    "django-reliable-outbox": ("reliable_outbox_key.py", 70.0),
    "oban": ("oban_queue.py", 50.0),
}
"""The script of each peer, and the seconds within which it begins anew what a dead worker held."""


@dataclass(frozen=True)
class Way:
    """One way to send.

    `fill(orders, each)` writes events down; `publish(count, rate)` commits them so many a second
    and returns when each was, by Idempotency-Key; `command(at_once)` is the process that sends.
    `places(keys)` says which order's event each is, and which of them.
    """

    name: str
    package: str
    fill: Callable[[int, int], object]
    publish: Callable[[int, int], dict[str, float]]
    command: Callable[[int], tuple[str, ...]]
    places: Callable[[Iterable[str]], Mapping[str, tuple[int, int]]]
    recovers_within: float
    python: str = sys.executable
    database: str | None = None
    """The name of its own database, where it is no part of AcmeCo."""

    def begin_with(self, system: System, orders: int, each: int) -> None:
        """Forget whatever there was, and have so many events wait."""
        system.empty(self.database)
        self.fill(orders, each)
        system.analyze(self.database)

    def start(self, system: System, at_once: int) -> None:
        """Start its sender."""
        system.start(*self.command(at_once), python=self.python, database=self.database)

    def out_of_order(self, calls: Iterable[Call]) -> int:
        """Count events that came after a later one of their order."""
        keys = [call.key for call in calls]
        places, latest, count = self.places(keys), Counter[int](), 0
        for key in keys:
            order, number = places[key]
            count += number < latest[order]
            latest[order] = max(latest[order], number)
        return count

    @property
    def version(self) -> str:
        """The version of its package, as its own environment has it."""
        if self.python == sys.executable:
            return version(self.package) if self.package else ""
        ask = f"from importlib.metadata import version; print(version({self.package!r}))"
        return subprocess.check_output([self.python, "-c", ask], text=True).strip()


def ours() -> Way:
    """Return the outbox, sent by `manage.py relay`."""
    from integrations import events

    return Way(
        OURS,
        "",
        lambda orders, each: fill(groups=orders, each=each),
        lambda count, rate: _published(events.publish, count, rate),
        lambda at_once: ("manage.py", "relay", f"--threads={at_once}"),
        _places_of_messages,
        recovers_within=20.0,
    )


def ours_by_celery() -> Way:
    """Return the outbox without `manage.py relay`: Celery's workers, and beat for the sweep."""
    schedule = Path(tempfile.mkdtemp(prefix="acmeco-beat-")) / "schedule"
    command = (*CELERY, "--beat", f"--schedule={schedule}", "--concurrency=2")
    return replace(ours(), name=CELERY_ALONE, package="celery", command=lambda _: command)


def tasks() -> Way:
    """Return the careless way: a Celery task for each event."""
    from bench.doubles import plain

    return Way(
        TASKS,
        "celery",
        _delay_tasks,
        lambda count, rate: _published(plain.publish, count, rate),
        lambda at_once: (*CELERY, "--pool=threads", f"--concurrency={at_once}"),
        _places_in_keys,
        recovers_within=20.0,  # what it has lost by then is lost
    )


def peers(system: System, python: Path) -> Iterator[Way]:
    """Yield the peers that are installed in the environment which `python` belongs to."""
    for name, (script, recovers_within) in PEERS.items():
        ask = f"from importlib.metadata import version; version({name!r})"
        if subprocess.run([python, "-c", ask], capture_output=True, check=False).returncode:
            continue
        database = Path(script).stem
        system.make_database(database)
        environment = system.environment_of(database)
        file = str(BASELINES / script)
        run = partial(_run, [str(python), file], environment)
        yield Way(
            name,
            name,
            partial(run, "fill"),
            partial(run, "publish"),
            lambda at_once, file=file: (file, "work", str(at_once)),  # type: ignore[misc]
            _places_in_keys,
            recovers_within,
            str(python),
            database,
        )


def _run(command: list[str], environment: Mapping[str, str], *arguments: object) -> Any:
    done = subprocess.run(
        [*command, *(str(each) for each in arguments)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout or "null")


def _published(publish: Callable[..., Any], count: int, rate: int) -> dict[str, float]:
    """Publish at this rate; return when each was committed."""
    from accounts.models import User

    tenant, began = User.objects.get(), time.monotonic()
    committed = {}
    for number in range(count):
        time.sleep(max(began + number / rate - time.monotonic(), 0))
        key, moment = publish_one(publish, tenant, number)
        committed[key] = moment
    return committed


def publish_one(publish: Callable[..., Any], tenant: Any, number: int) -> tuple[str, float]:
    """Publish one event; the moment of its commit is before anything that the commit sets off."""
    from django.db import transaction

    from orders.events import FulfillmentUpdated

    moments: list[float] = []
    event = FulfillmentUpdated(orderId=str(number), status="SHIPPED")
    with transaction.atomic():
        transaction.on_commit(lambda: moments.append(time.time()))
        uid = publish(event, tenant=tenant, subject=f"order:{number}").uid
    return str(uid), moments[0]


def _delay_tasks(orders: int, each: int) -> None:
    from accounts.models import User
    from bench.doubles.plain import post_event

    merchant, data = User.objects.get(), {"orderId": "1", "status": "SHIPPED"}
    for number in range(each):
        for order in range(orders):
            post_event.delay("Fulfillment Updated", merchant.pk, data, f"{order}:{number}")


def _places_in_keys(keys: Iterable[str]) -> dict[str, tuple[int, int]]:
    return {key: (int(key.split(":")[0]), int(key.split(":")[1])) for key in keys}


def _places_of_messages(keys: Iterable[str]) -> dict[str, tuple[int, int]]:
    from integrations.models import Message

    found = Message.objects.filter(uid__in=set(keys))
    return {str(uid): place for uid, *place in found.values_list("uid", "group", "sequence")}  # type: ignore[misc]
