"""The body of a request, as HTTP frames it: with a length told before, or in chunks."""

from __future__ import annotations

from email.message import Message
from io import BufferedIOBase

LONGEST = 20 * 1024 * 1024
LONGEST_LINE = 1000


def is_chunked(headers: Message) -> bool:
    return "chunked" in headers.get("Transfer-Encoding", "").lower()


def length(headers: Message) -> int:
    """Return how many bytes follow, where they are told; raises `ValueError` for no number."""
    told = headers.get("Content-Length") or "0"
    if not (told.isascii() and told.isdecimal()):
        raise ValueError(f"Content-Length {told[:50]!r} is no number")
    return int(told)


def read_chunks(stream: BufferedIOBase) -> bytes:
    """Return a chunked body as a whole; raises `ValueError` for one that is cut or too long."""
    body = bytearray()
    while size := _size(stream.readline(LONGEST_LINE)):
        if len(body) + size > LONGEST:
            raise ValueError(f"The request body is longer than {LONGEST} bytes")
        body += stream.read(size)
        stream.readline(LONGEST_LINE)
    stream.readline(LONGEST_LINE)
    return bytes(body)


def read(headers: Message, stream: BufferedIOBase) -> bytes:
    """Return the body; raises `ValueError` for one whose end cannot be known."""
    return read_chunks(stream) if is_chunked(headers) else stream.read(length(headers))


def _size(line: bytes) -> int:
    told = line.partition(b";")[0].strip()
    try:
        return int(told.decode("ascii") if told.isalnum() else "", 16)
    except ValueError:
        raise ValueError("The request body is not in chunks, as its header says") from None
