"""Why a hosted page cannot go on, in words for the person who looks at it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Problem(Exception):
    """`status` is the page's HTTP status; `advice` says how to cure it."""

    status: int
    title: str
    advice: str
