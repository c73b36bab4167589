"""Lists too long to hold: read from a file item by item, whatever their length.

Alloy pages few of its lists. The whole answer is first written to a file, so nothing is done with
half a list, and then parsed in pieces, so memory holds a piece and one item.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

_PIECE = 64 * 1024
_LONGEST_ITEM = 1024 * 1024
_NO_SPACE = re.compile(r"[^ \t\n\r]")
_AFTER = re.compile(r"[ \t\n\r,:\]}]")
_CLOSING = '"]}'


class NotAList(ValueError):
    """The file holds no JSON list, bare or as ``data``; or one that is cut off."""


def items(file: IO[bytes]) -> Iterator[Any]:
    """Yield the items of the JSON list in the file: a bare one, or that under ``data``.

    Raises ``NotAList`` where it finds out, which may be after some items.
    """
    text = _Text(file)
    if text.next() == "{":
        _find_data(text)
    text.take("[")
    more = text.next() != "]"
    while more:
        yield text.value()
        more = text.next() == ","
        text.take("," if more else "]")


def _find_data(text: _Text) -> None:
    """Read on to the value under ``data``, over whatever stands before it."""
    text.take("{")
    while (key := text.value()) != "data":
        if not isinstance(key, str):
            raise NotAList("a key that is no text")
        text.take(":")
        text.value()
        text.take(",")
    text.take(":")


class _Text:
    """The file's text from where it has been read to, of which only a little is held."""

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        self._file = file
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._json = json.JSONDecoder(parse_constant=_refuse)
        self._held, self._at = "", 0

    def next(self) -> str:
        """Return the next character that is not space, and leave it; "" at the end."""
        while True:
            if found := _NO_SPACE.search(self._held, self._at):
                self._at = found.start()
                return found[0]
            self._at = len(self._held)
            if not self._read_on():
                return ""

    def take(self, expected: str) -> None:
        """Go over one character, which must be this."""
        found = self.next()
        if found != expected:
            raise NotAList(f"{found or 'the end'} instead of {expected}")
        self._at += 1

    def value(self) -> Any:
        """Read one JSON value, which is whole when what comes after it can be seen."""
        self.next()
        while True:
            with suppress(json.JSONDecodeError, RecursionError):
                value, end = self._json.raw_decode(self._held, self._at)
                if self._held[end - 1] in _CLOSING or _AFTER.match(self._held, end):
                    self._at = end
                    return value
            if len(self._held) - self._at > _LONGEST_ITEM or not self._read_on():
                raise NotAList("an item that is not JSON")

    def _read_on(self) -> bool:
        """Read another piece, let go of what has been read, and say whether there was one."""
        piece = self._file.read(_PIECE)
        try:
            text = self._utf8.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            raise NotAList("bytes that are not UTF-8") from error
        self._held, self._at = self._held[self._at :] + text, 0
        return bool(piece)


def _refuse(constant: str) -> Any:
    raise NotAList(f"{constant}, which is not JSON")
