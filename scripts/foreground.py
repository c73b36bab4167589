"""Runs a command as the terminal's foreground job, so that Ctrl-C reaches it and not `make`.

`make` answers Ctrl-C by failing, however well its command ended. Here only the command is
interrupted; `make` sees what it returns. Standard library only.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress


def run_in_foreground(command: list[str]) -> int:
    """Run the command in a process group of its own; return its exit code.

    Signals sent to us instead of the terminal, and the end of our parent, stop it too.
    """
    parent, group, terminal = os.getppid(), os.getpgrp(), _terminal()
    child = subprocess.Popen(command, process_group=0)
    # Taking the terminal back is a background process's act, for which it would be halted.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: child.terminate())
    if terminal is not None:
        os.tcsetpgrp(terminal, child.pid)
    while child.poll() is None:
        if os.getppid() != parent:
            child.terminate()
        time.sleep(0.1)
    if terminal is not None:
        with suppress(OSError):  # the terminal may have gone before us
            os.tcsetpgrp(terminal, group)
    return child.returncode


def _terminal() -> int | None:
    """Return the terminal's file descriptor, if we are its foreground job."""
    try:
        return 0 if os.tcgetpgrp(0) == os.getpgrp() else None
    except OSError:
        return None
