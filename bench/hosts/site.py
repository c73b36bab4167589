"""AcmeCo on several hosts: one PostgreSQL and one Redis, a sender on each of the others.

Each sender reaches Alloy at a door of its own, so that Alloy's log says whose call it was.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psutil

from acmeco.launcher.parts import free_port
from acmeco.launcher.processes import PROJECT, Part, Processes
from bench.beside import wait_until
from bench.hosts.network import Network, make_network
from bench.outbox.system import System, stack_of
from tests.services.stack import Stack

PATIENCE = 180.0
"""Seconds after which what should have been sent never will."""


class Site(System):
    """What is up, and who sends."""

    def __init__(
        self, stack: Stack, processes: Processes, doors: Mapping[str, str], network: Network
    ) -> None:
        super().__init__(stack, processes, doors)
        self.network, self.hosts = network, list(doors)

    def start_senders(self, hosts: Sequence[str], *, at_once: int) -> None:
        """Have each of the hosts send, so many calls at a time."""
        command = [sys.executable, "manage.py", "relay", f"--threads={at_once}"]
        for host in hosts:
            environment = {**self.stack.environment, "ALLOY_SANDBOX_URL": self._doors[host]}
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

    def wait_until_sent(self) -> None:
        """Wait until no event waits any more, or for as long as anybody would."""
        from integrations.models import Message

        waiting = Message.objects.filter(state="waiting", kind="event")
        wait_until(lambda: not waiting.exists(), seconds=PATIENCE, every=0.5)

    def _sender(self, host: str) -> int:
        return self._processes.running[f"sender of {host}"].pid


@contextmanager
def running_site(senders: int, *, loopback: bool) -> Iterator[Site]:
    """Start all but the senders; a merchant with an Alloy user exists, and nothing waits."""
    hosts = [f"host-{number}" for number in range(1, senders + 1)]
    with Processes(logs=PROJECT / "var/hosts-logs") as processes:
        network = make_network(["web", *hosts], processes, loopback=loopback)
        doors = {host: f"http://{network.address('web')}:{free_port()}" for host in hosts}
        with stack_of(doors[hosts[0]], data=network.address("data")) as stack:
            site = Site(stack, processes, doors, network)
            site.set_up(lambda command: network.command("web", command))
            yield site
