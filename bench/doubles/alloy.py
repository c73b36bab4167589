"""Alloy at its cheapest: takes every event after a given time, and does nothing with it.

The sandbox does what Alloy does, and would be what is measured. This is one loop over kept
connections and parses no more than it needs. Beside the events there are:
`GET /calls`, the calls since they were forgotten, as triples of when it came (seconds since 1970),
Idempotency-Key and status; `GET /count`, how many events were taken, repeats not counted;
`GET /cpu`, the seconds of CPU that all of it has cost; `DELETE /calls`, to forget them; and
`PUT /behaviour` with `Behaviour` as JSON.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from dataclasses import dataclass

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_KEY = re.compile(rb"idempotency-key: *(\S+)", re.IGNORECASE)


@dataclass
class Behaviour:
    """How calls are answered: after so many seconds, with this status and Retry-After.

    Of `limit` calls a second (0: without limit), what is above is answered 429.
    """

    delay: float = 0.0
    status: int = 200
    retry_after: int = 0
    limit: int = 0


class Alloy:
    """What all connections share."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, str, int]] = []
        self.taken: set[str] = set()
        self.behaviour = Behaviour()
        self._room = self._looked_at = 0.0

    def take(self, key: str) -> tuple[int, int]:
        """Write a call down; return the status of its answer, and its Retry-After."""
        status, retry_after = self.behaviour.status, self.behaviour.retry_after
        if self.behaviour.limit and not self._has_room(self.behaviour.limit):
            status, retry_after = 429, 1
        if status == 200:
            self.taken.add(key)
        self.calls.append((time.time(), key, status))
        return status, retry_after

    def control(self, request: bytes, body: bytes) -> object:
        """Do what the bench asks for."""
        match request.split(b" ")[:2]:
            case [b"GET", b"/calls"]:
                return self.calls
            case [b"GET", b"/count"]:
                return len(self.taken)
            case [b"GET", b"/cpu"]:
                return time.process_time()
            case [b"DELETE", b"/calls"]:
                self.calls, self.taken = [], set()
            case [b"PUT", b"/behaviour"]:
                self.behaviour = Behaviour(**json.loads(body))
        return {}

    def _has_room(self, limit: int) -> bool:
        """Keep a bucket that holds the calls of a second."""
        now = time.monotonic()
        self._room = min(self._room + (now - self._looked_at) * limit, limit)
        self._looked_at = now
        if self._room < 1:
            return False
        self._room -= 1
        return True


class Connection(asyncio.Protocol):
    """One kept connection: a request at a time."""

    def __init__(self, alloy: Alloy) -> None:
        self._alloy, self._data = alloy, b""
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, rest = self._data.partition(b"\r\n\r\n")
        length = int(match[1]) if (match := _LENGTH.search(head)) else 0
        if not found or len(rest) < length:
            return
        self._data = b""
        if not head.startswith(b"POST"):
            self._write(_response(200, 0, self._alloy.control(head, rest)))
            return
        key = match[1].decode() if (match := _KEY.search(head)) else ""
        answer = _response(*self._alloy.take(key), {})
        if self._alloy.behaviour.delay:
            self._loop.call_later(self._alloy.behaviour.delay, self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


def _response(status: int, retry_after: int, answer: object) -> bytes:
    body = json.dumps(answer).encode()
    later = f"Retry-After: {retry_after}\r\n" if retry_after else ""
    head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{later}"
    return f"HTTP/1.1 {status} .\r\n{head}\r\n".encode() + body


async def serve(port: int, address: str = "127.0.0.1") -> None:
    """Serve at an address, by default for this machine only, until the process ends."""
    alloy = Alloy()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(alloy), address, port, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), *sys.argv[2:]))
