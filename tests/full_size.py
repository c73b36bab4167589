"""How much a test of a scenario tries: enough to notice a fault, or with FULL_SIZE=1 all of it.

`make scenarios` runs exactly the tests marked with `scenario(number)`, the number being that in
docs/reliability.md, "Twenty ways to break it", at their full size.
"""

from __future__ import annotations

import os

FULL_SIZE = os.environ.get("FULL_SIZE") == "1"


def size(full: int, *, usual: int) -> int:
    """Return the full number where full size is asked for, otherwise the usual one."""
    return full if FULL_SIZE else usual
