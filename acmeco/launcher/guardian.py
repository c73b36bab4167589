"""Ends a launcher's processes when the launcher was killed and could not do it itself.

A process of its own. It is told which process groups exist through its standard input, whose end is
the sign that the launcher is gone. Works for grandchildren and on every Unix, which the kernel's
"parent died" signal does not.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

GRACE = 1.0
"""Seconds between asking and forcing."""


def end_groups(groups: set[int], how: signal.Signals) -> None:
    """Send the signal to every process of every group that still exists."""
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, how)


def main() -> None:
    """Read `+<group>` and `-<group>` lines until the launcher is gone, then end what is left."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(group)
    if groups:
        end_groups(groups, signal.SIGTERM)
        time.sleep(GRACE)
        end_groups(groups, signal.SIGKILL)


if __name__ == "__main__":
    main()
