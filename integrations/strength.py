"""Says whether a secret, such as a token in a URL, could be guessed."""

from __future__ import annotations

import math
import re

_LEAST_BITS = 40
_LOOKED_AT = 200
"""Characters; what is longer is either strong by then, or repeats itself."""

_WALKS = "0123456789abcdefghijklmnopqrstuvwxyz qwertzuiop qwertyuiop asdfghjkl zxcvbnm yxcvbnm"
_PLACEHOLDERS = re.compile(
    r"change.?(me|this)|insecure|example|development|(secret|api).?key|passwor[dt]|replace.?(me|this)"
    r"|placeholder|dummy|your.(key|secret|token)|(web.?hook|metrics|secret).?token",
    re.IGNORECASE,
)


def weakness(secret: str, *, least: int = 20) -> str:
    """Return why a secret is weak, or ""; one of fewer than `least` characters always is.

    The words complete a sentence that begins with the secret's name, and never quote the secret.
    """
    if not secret or _PLACEHOLDERS.search(secret):
        return "is not set, or is a placeholder that everybody knows"
    if len(secret) < least:
        return f"is shorter than {least} characters"
    if _guessable_bits(secret[:_LOOKED_AT]) < _LEAST_BITS:
        return "repeats itself or follows a pattern, so it can be guessed"
    return ""


def _guessable_bits(secret: str) -> float:
    """Return roughly how many bits of the secret do not follow from those before."""
    fresh, position = 0, 0
    while position < len(secret):
        repeated = _repeated_at(secret, position)
        fresh += not repeated and not _goes_on(secret, position)
        position += repeated or 1
    return fresh * math.log2(len(set(secret)))


def _repeated_at(secret: str, position: int) -> int:
    """Return how many characters from here on stood before, three or more, or 0."""
    length = 2
    while (
        position + length < len(secret)
        and secret.find(secret[position : position + length + 1], 0, position + length) >= 0
    ):
        length += 1
    return length if length > 2 else 0


def _goes_on(secret: str, position: int) -> bool:
    """Say whether a character follows from the one before: the same, or the next on a keyboard."""
    pair = secret[position - 1 : position + 1].lower()
    return len(pair) == 2 and (pair[0] == pair[1] or pair in _WALKS or pair[::-1] in _WALKS)
