"""Cursors that are places in a list, as several services hand them out."""

from __future__ import annotations

LONGEST_CURSOR = 9


def place_of(cursor: str) -> int:
    """Return where to go on; what is no cursor of ours begins anew."""
    return int(cursor[:LONGEST_CURSOR]) if cursor.isdecimal() else 0
