"""The ways to get an order's events to Alloy that `bench.outbox` compares, each as one class."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.system import System, fill

BASELINES = Path(__file__).parent / "baselines"
CELERY = ("-m", "celery", "--app=acmeco", "worker", "--loglevel=WARNING", "--without-mingle")


@dataclass(frozen=True)
class Way:
    """`fill(orders, each)` writes events down; the command sends them, so many at a time.

    `place(key)` reads from an Idempotency-Key which order's event it is, and which of them.
    """

    name: str
    fill: Callable[[int, int], None]
    command: Callable[[int], tuple[str, ...]]
    place: Callable[[Iterable[str]], dict[str, tuple[int, int]]]
    python: str = sys.executable
    environment: Mapping[str, str] | None = None

    @property
    def peer(self) -> dict[str, Any]:
        """How its process is started, where it is no part of AcmeCo."""
        return {"python": self.python, "environment": self.environment}


def ours() -> Way:
    """Return the outbox, sent by `manage.py relay`."""
    return Way(
        "outbox",
        lambda orders, each: fill(groups=orders, each=each),
        lambda at_once: ("manage.py", "relay", f"--threads={at_once}"),
        _places_of_messages,
    )


def ours_by_celery() -> Way:
    """Return the outbox without `manage.py relay`: Celery's workers, and beat for the sweep."""
    schedule = Path(tempfile.mkdtemp(prefix="acmeco-beat-")) / "schedule"
    command = (*CELERY, "--beat", f"--schedule={schedule}", "--concurrency=2")
    return Way(
        "outbox, Celery alone",
        lambda orders, each: fill(groups=orders, each=each),
        lambda _: command,
        _places_of_messages,
    )


def tasks() -> Way:
    """Return the careless way: a Celery task for each event."""

    def publish(orders: int, each: int) -> None:
        from accounts.models import User
        from bench.doubles.tasks import post_event

        merchant, data = User.objects.get(), {"orderId": "1", "status": "SHIPPED"}
        for order in range(orders):
            for number in range(each):
                post_event.delay("Fulfillment Updated", merchant.pk, data, f"{order}:{number}")

    return Way(
        "task.delay()",
        publish,
        lambda at_once: (*CELERY, "--pool=threads", f"--concurrency={at_once}"),
        _places_in_keys,
    )


def baselines(system: System, python: Path) -> Iterable[Way]:
    """Return the peers, each in the environment that `python` belongs to."""
    for number, (name, module) in enumerate(
        {
            "procrastinate": "procrastinate_lock.py",
            "django-reliable-outbox": "reliable_outbox_key.py",
        }.items()
    ):
        script = str(BASELINES / module)
        system.make_database(f"peer{number}")
        environment = system.environment_of_peer(f"peer{number}")

        def publish(
            orders: int, each: int, script: str = script, environment: dict[str, str] = environment
        ) -> None:
            command = [str(python), script, "fill", str(orders), str(each)]
            subprocess.run(command, env=environment, check=True)

        yield Way(
            name,
            publish,
            lambda at_once, script=script: (script, "work", str(at_once)),  # type: ignore[misc]
            _places_in_keys,
            str(python),
            environment,
        )


def _places_in_keys(keys: Iterable[str]) -> dict[str, tuple[int, int]]:
    return {key: (int(key.split(":")[0]), int(key.split(":")[1])) for key in keys}


def _places_of_messages(keys: Iterable[str]) -> dict[str, tuple[int, int]]:
    from integrations.models import Message

    found = Message.objects.filter(uid__in=set(keys))
    return {str(uid): place for uid, *place in found.values_list("uid", "group", "sequence")}  # type: ignore[misc]
