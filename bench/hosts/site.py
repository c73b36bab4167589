"""AcmeCo on several hosts: one PostgreSQL and one Redis, a sender on each of the others.

Each sender reaches Alloy at a door of its own, so that Alloy's log says whose call it was.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import requests

from acmeco.launcher.parts import free_port, http_answers
from acmeco.launcher.processes import PROJECT, Part, Processes
from bench.hosts.network import Network, make_network
from bench.outbox.system import ENVIRONMENT, become_acmeco
from tests.services.stack import Stack

PATIENCE = 180.0
"""Seconds after which what should have been sent never will."""


@dataclass(frozen=True, order=True)
class Received:
    """A call that came to Alloy: when (seconds since 1970), Idempotency-Key, from which host."""

    at: float
    key: str
    host: str


class Site:
    """What is up, and who sends."""

    def __init__(
        self, stack: Stack, processes: Processes, network: Network, doors: dict[str, str]
    ) -> None:
        self.network, self.hosts = network, list(doors)
        self._stack, self._processes, self._doors = stack, processes, doors

    def start_senders(self, hosts: Sequence[str], *, at_once: int) -> None:
        """Have each of the hosts send, so many calls at a time."""
        command = [sys.executable, "manage.py", "relay", f"--threads={at_once}"]
        for host in hosts:
            environment = {**self._stack.environment, "ALLOY_SANDBOX_URL": self._doors[host]}
            sender = self.network.command(host, command)
            self._processes.start(Part(f"sender of {host}", sender, environment))

    def stop_senders(self, hosts: Sequence[str]) -> None:
        """Ask the senders to end, and wait until they have."""
        self._processes.stop(*(f"sender of {host}" for host in hosts))

    def cut(self, host: str) -> None:
        """Take its network away."""
        self.network.cut(host, {self._sender(host)})

    def heal(self, host: str) -> None:
        """Give it back."""
        self.network.heal(host, {self._sender(host)})

    def cpu_seconds(self, host: str) -> float:
        """Return what its sender has used so far."""
        used = psutil.Process(self._sender(host)).cpu_times()
        return float(used.user + used.system)

    def slow_alloy_down(self, seconds: float) -> None:
        """Have Alloy take this long for each call."""
        for door in self._doors.values():
            requests.put(f"{door}/behaviour", json={"delay": seconds}, timeout=10)

    def forget_calls(self) -> None:
        """Begin Alloy's log anew."""
        for door in self._doors.values():
            requests.delete(f"{door}/calls", timeout=10)

    def calls(self) -> list[Received]:
        """Return Alloy's log, oldest first."""
        return sorted(
            Received(at, key, host)
            for host, door in self._doors.items()
            for at, key, *_ in requests.get(f"{door}/calls", timeout=60).json()
        )

    def count(self, host: str) -> int:
        """Return how many events have come from this host."""
        return int(requests.get(f"{self._doors[host]}/count", timeout=10).json())

    def wait_until_sent(self) -> None:
        """Wait until no event waits any more, or for as long as anybody would."""
        from integrations.models import Message

        ends = time.monotonic() + PATIENCE
        waiting = Message.objects.filter(state="waiting", kind="event")
        while waiting.exists() and time.monotonic() < ends:
            time.sleep(0.5)

    def _sender(self, host: str) -> int:
        return self._processes.running[f"sender of {host}"].pid


@contextmanager
def running_site(senders: int, *, loopback: bool) -> Iterator[Site]:
    """Start all but the senders; a merchant with an Alloy user exists, and nothing waits."""
    hosts = [f"host-{number}" for number in range(1, senders + 1)]
    with Processes(logs=PROJECT / "var/hosts-logs") as processes:
        network = make_network(["web", *hosts], processes, loopback=loopback)
        web = network.address("web")
        doors = {host: f"http://{web}:{free_port()}" for host in hosts}
        environment = {
            "ALLOY_ENVIRONMENT": ENVIRONMENT,
            "ALLOY_SANDBOX_URL": doors[hosts[0]],
            "DJANGO_SETTINGS_MODULE": "bench.doubles.settings",
            "LOG_JSON": "true",  # as in production
        }
        data = network.address("data")
        with Stack(
            postgres=True, durable=True, environment=environment, data_address=data
        ) as stack:
            stack.start("redis", "postgres")
            for host, door in doors.items():
                port = door.rpartition(":")[2]
                alloy = [sys.executable, "-m", "bench.doubles.alloy", port, web]
                is_ready = lambda door=door: http_answers(f"{door}/calls")  # noqa: E731
                processes.start(
                    Part(f"door of {host}", network.command("web", alloy), is_ready=is_ready)
                )
            processes.wait_until_ready()
            stack.manage("migrate")
            become_acmeco(stack)
            yield Site(stack, processes, network, doors)
