"""Sends webhooks at the moments they are due, whether or not earlier ones are answered yet.

Open loop: a slow server does not slow the arrivals down. What finds no free connection waits, and
its waiting counts.
"""

from __future__ import annotations

import asyncio
import re
import time
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Self

from bench.soak.webhooks import Webhooks

CONNECTIONS = 16
"""Kept alive by each sender, as by a proxy."""
LONGEST_WAIT = 30.0
"""Seconds after which an answer is no longer waited for."""
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Sent:
    """What came of it: numbers of webhooks, by what happened, and the times to the answers.

    In milliseconds; `since_due` counts from the moment the webhook was due, `since_sent` from the
    moment a connection was free for it.
    """

    accepted: array[int] = field(default_factory=lambda: array("l"))
    not_accepted: array[int] = field(default_factory=lambda: array("l"))
    answers: Counter[str] = field(default_factory=Counter)
    since_due: array[float] = field(default_factory=lambda: array("d"))
    since_sent: array[float] = field(default_factory=lambda: array("d"))
    too_late: int = 0
    reopened: int = 0

    def __iadd__(self, other: Sent) -> Self:
        self.accepted += other.accepted
        self.not_accepted += other.not_accepted
        self.answers += other.answers
        self.since_due += other.since_due
        self.since_sent += other.since_sent
        self.too_late += other.too_late
        self.reopened += other.reopened
        return self


def work(pipe: Connection, webhooks: Webhooks, port: int, shares: Sequence[range]) -> None:
    """Sign all shares; then, for each, take (start, interval, end) and answer with a `Sent`."""
    signed = [webhooks.sign(share) for share in shares]
    pipe.send("ready")
    for share, signatures in zip(shares, signed, strict=True):
        start, interval, ends = pipe.recv()
        phase = _Phase(webhooks, port)
        pipe.send(asyncio.run(phase.play(share, signatures, start, interval, ends)))


class _Phase:
    def __init__(self, webhooks: Webhooks, port: int) -> None:
        self._webhooks, self._port = webhooks, port
        self._sent = Sent()

    async def play(
        self,
        numbers: Sequence[int],
        signatures: Sequence[bytes],
        start: float,
        interval: float,
        ends: float,
    ) -> Sent:
        arrivals = (
            (start + place * interval, number, signatures[place])
            for place, number in enumerate(numbers)
        )
        await asyncio.gather(*(self._serve(arrivals, ends) for _ in range(CONNECTIONS)))
        self._sent.too_late = len(numbers) - sum(self._sent.answers.values())
        return self._sent

    async def _serve(self, arrivals: Iterator[tuple[float, int, bytes]], ends: float) -> None:
        line = _Line(self._port)
        for due, number, signature in arrivals:
            await asyncio.sleep(due - time.monotonic())
            if time.monotonic() > ends:
                break
            request = self._webhooks.request(number, signature)
            sent_at = time.monotonic()
            self._note(number, await line.ask(request), due=due, sent_at=sent_at)
        self._sent.reopened += line.reopened
        line.close()

    def _note(self, number: int, answer: str, *, due: float, sent_at: float) -> None:
        now, sent = time.monotonic(), self._sent
        sent.answers[answer] += 1
        (sent.accepted if answer in ("200", "202") else sent.not_accepted).append(number)
        sent.since_due.append((now - due) * 1000)
        sent.since_sent.append((now - sent_at) * 1000)


class _Line:
    """A connection that is kept, and opened again where the server has closed it meanwhile."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.reopened = 0

    async def ask(self, request: bytes) -> str:
        """Return the answer's status, or what went wrong."""
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                return await self._ask_twice(request)
        except (OSError, asyncio.IncompleteReadError) as error:
            self.close()
            return type(error).__name__

    async def _ask_twice(self, request: bytes) -> str:
        if self._streams is not None:
            try:
                return await self._ask_once(request, *self._streams)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.reopened += 1
        self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        return await self._ask_once(request, *self._streams)

    async def _ask_once(
        self, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> str:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        await reader.readexactly(int(length[1]) if length else 0)
        return head[9:12].decode()

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None
