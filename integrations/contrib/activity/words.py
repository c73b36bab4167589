"""Says an error to a merchant: what happened, and what they can do."""

from __future__ import annotations

import re

_WORDS = (
    (r"\b(401|403)\b|unauthori[sz]ed|forbidden|expired token|invalid.?token",
     "{app} refuses our access. Connect it again with “Change settings”."),
    (r"\b404\b|not found|no such",
     "{app} could not find what the workflow asked for. It may have been deleted there."),
    (r"\b429\b|rate limit|too many requests",
     "{app} was asked too often. It usually goes on by itself within minutes."),
    (r"\b5\d\d\b|time(d)? ?out|ECONN|ENOTFOUND|socket hang up|unreachable",
     "{app} did not answer. Run it again once it is back."),
    (r"\b(400|409|422)\b|invalid|required|missing",
     "{app} did not accept what it was sent. Check the settings, then run it again."),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), words) for pattern, words in _WORDS)


def in_plain_words(message: str, *, app: str) -> str:
    """Return the sentence that fits an error of `app`, a name people read."""
    name = app or "The other system"
    for pattern, words in _PATTERNS:
        if pattern.search(message):
            return words.format(app=name)
    return f"A step in {app} failed." if app else "A step of the workflow failed."
