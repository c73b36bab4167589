"""The forms in which values from outside are taken, so that none is too much for where it goes."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

# Far below what SQLite takes, so that a product of two still fits.
Whole = Annotated[int, Field(ge=0, lt=2**31)]
Positive = Annotated[int, Field(ge=1, lt=2**31)]

# A line break would be refused by the server that writes the header, and nothing would be answered.
HeaderValue = Annotated[str, Field(max_length=50, pattern=r"^[ -~]*$", coerce_numbers_to_str=True)]

_WEB_ADDRESS = re.compile(
    r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?([/?#][!-~]*)?", re.ASCII | re.IGNORECASE
)


def is_web_address(text: str) -> bool:
    """Whether this is an absolute http or https URL that can be used byte for byte as it stands."""
    return _WEB_ADDRESS.fullmatch(text) is not None
