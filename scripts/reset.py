"""Removes all local data: `make run` then starts as on the first day. Standard library only."""

from __future__ import annotations

import fcntl
import shutil
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "var"


def main() -> None:
    """Remove everything in `var/`, unless AcmeCo runs."""
    if not DATA.exists():
        print("Nothing to remove: var/ does not exist.")
        return
    with (DATA / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("AcmeCo runs from this folder: stop it first, with Ctrl-C there.")
        removed = sorted(path.name for path in DATA.iterdir() if path.name != "run.lock")
        shutil.rmtree(DATA)
    print(f"Removed from var/: {', '.join(removed) or 'nothing'}.")


if __name__ == "__main__":
    main()
