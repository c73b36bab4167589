"""What the launcher prints: few words of its own, and the warnings of the processes it runs."""

from __future__ import annotations

import os
import re
import sys
import zlib

_WARNING = re.compile(r"[\s\[\"/:](warning|error|critical)[\s\]\"/:]", re.IGNORECASE)
_COLOURS = (36, 35, 34, 33, 32)


class Console:
    """Writes to the terminal; colours only for people, and only where they want them."""

    def __init__(self, *, everything: bool = False) -> None:
        self._everything = everything
        self._coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def say(self, text: str) -> None:
        """Print something that the launcher itself has to say."""
        print(text, flush=True)

    def echo(self, name: str, line: str) -> None:
        """Print a process's line under its name, if it is a warning or if everything is wanted."""
        if self._everything or _WARNING.search(line[:200]):
            print(f"{self._paint(f'{name:>8} |', name)} {line}", flush=True)

    def _paint(self, text: str, name: str) -> str:
        if not self._coloured:
            return text
        return f"\x1b[{_COLOURS[zlib.crc32(name.encode()) % len(_COLOURS)]}m{text}\x1b[0m"
