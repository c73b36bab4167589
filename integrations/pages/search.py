"""Find names by what somebody typed, also where it is spelled a little wrong.

All in memory and bounded: of a query and of a name the first `LONGEST` characters count.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")

LONGEST = 60
ALIKE = 0.8
"""From which likeness on (1 is the same) a word is taken for another; "shopfy" has 0.92."""


def find(
    items: Iterable[T], query: str, *, name: Callable[[T], str], text: Callable[[T], str]
) -> tuple[list[T], bool]:
    """Return the items with every word of the query in their name or text, in the order given.

    Where there are none, return those with a name spelled much like the query, and True.
    """
    everything, words = list(items), _folded(query[:LONGEST]).split()
    if not words:
        return everything, False
    if fits := [each for each in everything if _has_all(words, name(each), text(each))]:
        return fits, False
    close = [
        _alike(word, (part for each in everything for part in _parts(name(each)))) for word in words
    ]
    whole = _alike(normalized(query), (normalized(name(each)) for each in everything))
    similar = [
        each
        for each in everything
        if normalized(name(each)) in whole or all(near & _parts(name(each)) for near in close)
    ]
    return similar, bool(similar)


def normalized(name: str) -> str:
    """Return what a name is known by: "Google Drive" and "googleDrive" are one."""
    folded = _folded(name)
    return ("".join(letter for letter in folded if letter.isalnum()) or folded.strip())[:LONGEST]


def _has_all(words: list[str], name: str, text: str) -> bool:
    searched = f"{_folded(name)} {normalized(name)} {_folded(text)}"
    return all(word in searched for word in words)


def _alike(word: str, others: Iterable[str]) -> set[str]:
    return set(get_close_matches(word, set(others), n=30, cutoff=ALIKE))


def _parts(name: str) -> set[str]:
    return {part for part in _folded(name[:LONGEST]).split() if len(part) > 2}


def _folded(text: str) -> str:
    """Return the text without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
