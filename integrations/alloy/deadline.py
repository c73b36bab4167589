"""Connections on which a whole call keeps one deadline.

The read timeout of ``requests`` starts anew with every byte, so a server that trickles one byte a
second, in the headers or in the body, can hold a worker for hours. Here each wait on the socket
is given only what is left of the call's time, TLS handshake included. What remains outside is the
system's name resolution, which cannot be interrupted.
"""

from __future__ import annotations

import socket
import ssl
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

import certifi
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util import parse_url
from urllib3.util.ssl_ import create_urllib3_context

POOL_SIZE = 256
"""Connections to one origin that are kept open."""


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Seconds: for one connection attempt, for one silence, and for the call as a whole."""

    connect: float = 3.0
    read: float = 10.0
    total: float = 15.0


class Budget:
    """The time one call may use. Also notes how far the call got."""

    def __init__(self, timeouts: Timeouts) -> None:
        self.timeouts = timeouts
        self.ends_at = time.monotonic() + timeouts.total
        self.connected = False  # a connection was opened for this call, not taken from the pool
        self.sent = False  # some of the request has left
        self.answered = False  # some of the answer has come

    @property
    def expired(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() >= self.ends_at

    @property
    def connection_was_stale(self) -> bool:
        """Whether a pooled connection took the request and gave nothing back."""
        return self.sent and not self.connected and not self.answered and not self.expired

    def wait(self, longest: float) -> float:
        """Return how many seconds to wait at most. Raises ``TimeoutError`` past the deadline."""
        left = min(longest, self.ends_at - time.monotonic())
        if left <= 0:
            raise TimeoutError("the call's deadline has passed")
        return left


_budget: ContextVar[Budget] = ContextVar("budget")


@contextmanager
def spending(budget: Budget) -> Iterator[None]:
    """Make every socket used inside the block, in this thread, spend from the budget."""
    token = _budget.set(budget)
    try:
        yield
    finally:
        _budget.reset(token)


class _Socket(socket.socket):
    """A socket that spends from the current budget. Also mixed into the TLS socket below."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        budget = _budget.get()
        self.settimeout(budget.wait(budget.timeouts.read))
        count = super().recv_into(*args, **kwargs)
        budget.answered = budget.answered or count > 0
        return count

    def send(self, *args: Any, **kwargs: Any) -> int:
        self._start_sending()
        return super().send(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self._start_sending()
        super().sendall(*args, **kwargs)

    def _start_sending(self) -> None:
        budget = _budget.get()
        self.settimeout(budget.wait(budget.timeouts.read))
        budget.sent = True


_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""The option SO_LINGER, on, of no seconds: closing drops what is unsent and resets."""


class _TLSSocket(_Socket, ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:
        budget = _budget.get()
        self.settimeout(budget.wait(budget.timeouts.read))
        super().do_handshake(block)


class _Connection(HTTPConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send head and body as one: apart, they wake both sides twice, and wait for the GIL."""
        self._parts: list[bytes] = []
        super().request(*args, **kwargs)
        super().send(b"".join(self._parts))

    def send(self, data: Any) -> None:
        """Keep the part until the request is whole."""
        self._parts.append(data)

    def close(self) -> None:
        """Take back what the network has not delivered yet, where no answer has begun.

        Else the system would go on trying for minutes, and a call that was long given up could
        reach Alloy after the next one.
        """
        budget = _budget.get(None)
        if self.sock is not None and budget is not None and budget.sent and not budget.answered:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        super().close()

    def _new_conn(self) -> socket.socket:
        """Connect to the first address that answers; urllib3 gives each one the full timeout."""
        _budget.get().connected = True
        try:
            addresses = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
            return self._first_to_answer(addresses)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"Connecting to {self.host} timed out.") from error
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, f"Connecting to {self.host} failed.") from error

    def _first_to_answer(self, addresses: list[Any]) -> socket.socket:
        failure: OSError = OSError("no address")
        for family, kind, protocol, _, address in addresses:
            sock = _Socket(family, kind, protocol)
            try:
                budget = _budget.get()
                sock.settimeout(budget.wait(budget.timeouts.connect))
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.connect(address)
                return sock
            except OSError as error:
                sock.close()
                failure = error
        raise failure


class _TLSConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class DeadlineAdapter(HTTPAdapter):
    """A connection pool for ``requests`` whose sockets spend from the current budget.

    It trusts the certificates in ``ca_bundle`` (a file; default: Mozilla's, from certifi) and
    nothing the environment names. What it overrides are the hooks that requests has for it: there
    are no proxies and no cookies here, and to look for them took a fifth of a call's time.
    """

    def __init__(self, ca_bundle: str | None = None) -> None:
        self._ca_bundle = ca_bundle or certifi.where()
        self._pools: dict[str, HTTPConnectionPool] = {}
        self._opening = Lock()
        super().__init__(max_retries=0)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = create_urllib3_context()
        context.sslsocket_class = _TLSSocket
        context.load_verify_locations(self._ca_bundle)
        return context

    def _open(self, origin: str) -> HTTPConnectionPool:
        url = parse_url(origin)
        if url.scheme == "https":
            return _TLSPool(str(url.host), url.port, maxsize=POOL_SIZE, ssl_context=self._tls)
        return _Pool(str(url.host), url.port, maxsize=POOL_SIZE)

    def get_connection_with_tls_context(
        self, request: PreparedRequest, *args: Any, **kwargs: Any
    ) -> HTTPConnectionPool:
        """Return the connections to the request's origin."""
        origin = "/".join((request.url or "").split("/", 3)[:3])
        if origin not in self._pools:
            # Threads that begin together wait for one of them to read the certificates.
            with self._opening:
                self._pools[origin] = self._pools.get(origin) or self._open(origin)
        return self._pools[origin]

    def request_url(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> str:
        """Return what is asked of the origin: there is no proxy to name it to."""
        return request.path_url

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """Return the answer without its cookies: one process acts for all tenants."""
        response = Response()
        response.status_code, response.request = resp.status, req
        response.headers, response.raw = CaseInsensitiveDict(resp.headers), resp
        return response

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Leave verification to the context above, which requires and checks certificates."""
