"""The hosts: network namespaces of Linux, or else addresses of the loopback range.

A namespace ends with its last process, and its cables with it. So nothing is left behind, however
the bench ends: the launcher's guardian ends the processes even of a bench that was killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from acmeco.launcher.guardian import end_groups
from acmeco.launcher.processes import Part, Processes
from bench.beside import wait_until

CLONE_NEWNET = 0x40000000
PATIENCE = 10.0
"""Seconds within which a new host has its network."""


class Network:
    """Hosts with an address each; this process is on the one called "data".

    Their addresses are of 127.0.0.0/8, for whoever is not root. A cut freezes a host's processes.
    """

    name = "loopback addresses"
    prefix = "127.0.13"

    def __init__(self, hosts: Iterable[str], processes: Processes) -> None:
        self._numbers = {host: number for number, host in enumerate(("data", *hosts), 1)}
        self._processes = processes

    def address(self, host: str) -> str:
        """Return the host's address, which all others reach it by."""
        return f"{self.prefix}.{self._numbers[host]}"

    def command(self, host: str, command: Sequence[str]) -> list[str]:
        """Return the command line that runs a command on the host."""
        return list(command)

    def cut(self, host: str, groups: set[int]) -> None:
        """Take the network away from the host, where these process groups go on."""
        end_groups(groups, signal.SIGSTOP)

    def heal(self, host: str, groups: set[int]) -> None:
        """Give the host its network back."""
        end_groups(groups, signal.SIGCONT)


class Namespaces(Network):
    """A network namespace for each host, all on one bridge. A cut sets the host's cable down."""

    name = "network namespaces"
    prefix = "10.213.0"

    def __init__(self, hosts: Iterable[str], processes: Processes) -> None:
        super().__init__(hosts, processes)
        _leave_network()
        _ip("link set lo up", "link add bridge type bridge", "link set bridge up")
        _ip(f"address add {self.address('data')}/24 dev bridge")
        for host, number in list(self._numbers.items())[1:]:
            self._add(host, number)

    def _add(self, host: str, number: int) -> None:
        # Somebody has to be there for the namespace to exist.
        self._processes.start(Part(host, ["unshare", "--net", "sleep", "infinity"]))
        pid = self._processes.running[host].pid
        _wait_until_apart(pid)
        _ip(f"link add cable{number} type veth peer name eth0 netns {pid}")
        _ip(f"link set cable{number} master bridge up")
        inside = self.command(host, ["ip"])
        _ip(f"address add {self.address(host)}/24 dev eth0", "link set lo up", ip=inside)
        _ip("link set eth0 up", ip=inside)

    def command(self, host: str, command: Sequence[str]) -> list[str]:
        pid = self._processes.running[host].pid
        return ["nsenter", f"--net=/proc/{pid}/ns/net", "--", *command]

    def cut(self, host: str, groups: set[int]) -> None:
        _ip(f"link set cable{self._numbers[host]} down")

    def heal(self, host: str, groups: set[int]) -> None:
        _ip(f"link set cable{self._numbers[host]} up")


def make_network(hosts: Iterable[str], processes: Processes, *, loopback: bool) -> Network:
    """Return namespaces where the system lets us make them, else addresses of the loopback."""
    if not loopback and os.geteuid() == 0:
        with suppress(OSError, subprocess.CalledProcessError):
            return Namespaces(hosts, processes)
    return Network(hosts, processes)


def _leave_network() -> None:
    """Give this process, and all it will start, a network without anybody else. Linux, as root."""
    system = ctypes.CDLL(None, use_errno=True)
    if system.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")


def _wait_until_apart(pid: int) -> None:
    ours, theirs = os.stat("/proc/self/ns/net").st_ino, Path(f"/proc/{pid}/ns/net")
    if not wait_until(lambda: theirs.stat().st_ino != ours, seconds=PATIENCE, every=0.01):
        raise OSError("a host got no network of its own")


def _ip(*commands: str, ip: Sequence[str] = ("ip",)) -> None:
    for command in commands:
        subprocess.run([*ip, *command.split()], check=True, capture_output=True)
