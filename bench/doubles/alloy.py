"""Alloy at its fastest: takes every event after a given time, and does nothing with it.

The sandbox does what Alloy does, and would be what is measured. Beside the events there are:
`GET /calls`, the calls so far as pairs of when (seconds since 1970) and Idempotency-Key;
`GET /count`, how many events have come, repeats not counted; `DELETE /calls`, to forget them;
`PUT /delay/0.1`, to take so many seconds from now on.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio import IncompleteReadError, StreamReader, StreamWriter

_calls: list[tuple[float, str]] = []
_keys: set[str] = set()
_delay = 0.0


async def serve(port: int) -> None:
    """Serve on this machine until the process ends."""
    server = await asyncio.start_server(_talk, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


async def _talk(reader: StreamReader, writer: StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            request, *lines = head.split("\r\n")
            headers = {
                name.lower(): value for name, _, value in (it.partition(": ") for it in lines)
            }
            await reader.readexactly(int(headers.get("content-length", 0)))
            method, path, _ = request.split()
            answer = await _answer(method, path, headers.get("idempotency-key", ""))
            writer.write(_response(answer))
            await writer.drain()
    except (IncompleteReadError, ConnectionError):
        writer.close()


async def _answer(method: str, path: str, key: str) -> object:
    global _delay
    match method, path.split("/")[1]:
        case "GET", "calls":
            return _calls
        case "GET", "count":
            return len(_keys)
        case "DELETE", "calls":
            _calls.clear()
            _keys.clear()
        case "PUT", "delay":
            _delay = float(path.split("/")[2])
        case "POST", _:
            await asyncio.sleep(_delay)
            _calls.append((time.time(), key))
            _keys.add(key)
    return {}


def _response(answer: object) -> bytes:
    body = json.dumps(answer).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
