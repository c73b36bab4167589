"""Reads the bodies of deliveries, as far as they can be read."""

from __future__ import annotations

import json
from typing import Any

_LONGEST_NUMBER = 64  # digits; a longer one stays text, for Python refuses to read it


class Unreadable(ValueError):
    """Trying again cannot help: the message says what is wrong with the delivery."""


def read_json(body: bytes) -> Any:
    """Return the JSON value in a body; raises `Unreadable`.

    A shop's own JSON is read as far as it can be: halves of surrogate pairs, bytes that are no
    UTF-8, line breaks within texts, NaN. Fractions stay text, so that no digit is lost.
    """
    try:
        text = body.decode(json.detect_encoding(body), errors="replace")
        return json.loads(text, strict=False, parse_int=_whole, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise Unreadable(f"The body is not JSON: {error}.") from error
    except RecursionError as error:
        raise Unreadable("The body is nested too deeply.") from error


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits
