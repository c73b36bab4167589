"""Small servers over real sockets, for faults that only a socket can have."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Behaviour = Callable[["Server", socket.socket], object]

OK = b'{"message":"ok"}'


def whole(body: bytes = OK, *, head: bytes = b"HTTP/1.1 200 OK", extra: bytes = b"") -> bytes:
    """Return a complete HTTP answer."""
    length = str(len(body)).encode()
    return head + b"\r\nContent-Length: " + length + b"\r\n" + extra + b"\r\n" + body


class Server:
    """Gives each connection to ``behaviour`` and keeps what requests came in."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.behaviour = behaviour
        self.tls = tls
        self.requests: list[bytes] = []
        self.connections = 0
        self.stopping = threading.Event()
        self.hung_up = threading.Semaphore(0)  # released once per connection
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    @property
    def origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    def receive(self, connection: socket.socket) -> bytes:
        """Read one request with its body; b"" once the client has gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    body += connection.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]

    def drip(self, connection: socket.socket, data: bytes, *, every: float = 0.02) -> None:
        """Send one byte at a time, never silent for longer than any read timeout."""
        for byte in data:
            if self.stopping.is_set():
                return
            connection.sendall(bytes([byte]))
            time.sleep(every)

    def serve(self) -> None:
        with suppress(OSError):  # the listener is closed to stop
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            served = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            with served:
                self.behaviour(self, served)
        self.hung_up.release()


@contextmanager
def serving(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server in a thread for as long as the block lasts."""
    server = Server(behaviour, tls)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join()


def always(answer: bytes) -> Behaviour:
    """Answer every request on a kept-alive connection with the same bytes."""

    def behaviour(server: Server, connection: socket.socket) -> None:
        while server.receive(connection):
            connection.sendall(answer)

    return behaviour


def once(answer: bytes) -> Behaviour:
    """Answer one request per connection, then close it."""

    def behaviour(server: Server, connection: socket.socket) -> None:
        server.receive(connection)
        connection.sendall(answer)

    return behaviour
