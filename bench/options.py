"""The options of a bench: each a number with a default, and `--small` for a run of seconds."""

from __future__ import annotations

import argparse
import sys
from typing import Any


def options(small: dict[str, Any] | None = None, **defaults: Any) -> argparse.Namespace:
    """Return what the command line says; with `--small`, those values in place of the defaults.

    A default that is a list takes several numbers. The bench's docstring explains them.
    """
    main = sys.modules["__main__"]
    parser = argparse.ArgumentParser(
        prog=f"python -m {main.__spec__.name}" if main.__spec__ else None,
        description=main.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, default in defaults.items():
        count = "+" if isinstance(default, list) else None
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default, nargs=count)
    if small is not None:
        parser.add_argument("--small", action="store_true", help="takes seconds, and shows little")
    found = parser.parse_args()
    if getattr(found, "small", False):
        vars(found).update(small or {})
    return found
