"""Alloy at its fastest: takes every call after a given time, and does nothing with it.

The sandbox does what Alloy does, and would be what is measured. `GET /calls` answers with the
calls so far, oldest first, as pairs: when (seconds since 1970), and the Idempotency-Key.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio import IncompleteReadError, StreamReader, StreamWriter

_calls: list[tuple[float, str]] = []


async def serve(*, port: int, delay: float) -> None:
    """Serve on localhost until the process ends; `delay` in seconds."""

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            while True:
                writer.write(_response(await _answer(reader, delay)))
                await writer.drain()
        except (IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


async def _answer(reader: StreamReader, delay: float) -> object:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    lines = head.split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    await reader.readexactly(int(headers.get("content-length", 0)))
    if lines[0].startswith("GET /calls"):
        return _calls
    if lines[0].startswith("POST"):
        await asyncio.sleep(delay)
        _calls.append((time.time(), headers.get("idempotency-key", "")))
    return {}


def _response(answer: object) -> bytes:
    body = json.dumps(answer).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body


if __name__ == "__main__":
    asyncio.run(serve(port=int(sys.argv[1]), delay=float(sys.argv[2])))
