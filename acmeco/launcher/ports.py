"""TCP ports of this machine."""

from __future__ import annotations

import errno
import random
import socket

from acmeco.launcher.processes import LaunchError


class PortTaken(LaunchError):
    """Another program listens on a port that we need."""

    def __init__(self, port: int, variable: str) -> None:
        super().__init__(
            f"Port {port} is taken by another program: stop it, or choose another port with"
            f" `{variable}={port + 10} make run`."
        )


def require_free(port: int, *, variable: str) -> None:
    """Raise PortTaken, naming the environment variable that moves us, if somebody listens there."""
    if not is_free(port):
        raise PortTaken(port, variable)


def is_free(port: int) -> bool:
    """Whether nothing listens on the port, neither on 127.0.0.1 nor on ::1."""
    return not (
        _is_taken(socket.AF_INET, "127.0.0.1", port)
        or (socket.has_ipv6 and _is_taken(socket.AF_INET6, "::1", port))
    )


def free_port() -> int:
    """Return a port that nobody listens on, and that nobody else is given while we run.

    Not one of those that the system gives to outgoing connections (Linux: from 32768 on): such a
    one may be taken before, or between two starts of, the process it is meant for.
    """
    port = random.randrange(20_000, 32_000)  # noqa: S311 -- no secret
    while not (is_free(port) and _reserve(port)):
        port = random.randrange(20_000, 32_000)  # noqa: S311
    return port


def _reserve(port: int) -> bool:
    """Take the UDP port of the same number, which the system gives back when we end.

    It keeps nobody from listening on the TCP port, and several launchers from choosing the same.
    """
    claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        claim.bind(("127.0.0.1", port))
    except OSError:
        claim.close()
        return False
    claim.detach()  # open for as long as this process runs
    return True


def _is_taken(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family) as probe:
            # Else a port would count as taken for a minute after its last connection.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen()
    except OSError as error:
        # Anything else means that the machine has no such address, so nothing listens there.
        return error.errno in {errno.EADDRINUSE, errno.EACCES}
    return False
