"""The options of a bench: each with a default, and `--quick` and `--small` for less of it."""

from __future__ import annotations

import argparse
import sys
from typing import Any


def options(
    small: dict[str, Any],
    quick: dict[str, Any] | None = None,
    *,
    parts: tuple[str, ...] = (),
    **defaults: Any,
) -> argparse.Namespace:
    """Return what the command line says; with `--small` or `--quick`, those values for defaults.

    A default that is a list takes several numbers; the bench's docstring explains them.
    """
    main = sys.modules["__main__"]
    parser = argparse.ArgumentParser(
        prog=f"python -m {main.__spec__.name.removesuffix('.__main__')}" if main.__spec__ else None,
        description=main.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if parts:
        names = ", ".join(parts)
        parser.add_argument(
            "parts", nargs="*", metavar="PART", choices=[*parts, []], help=f"{names}; else all"
        )
    for name, default in defaults.items():
        kind = type(default[0] if isinstance(default, list) else default)
        count = "+" if isinstance(default, list) else None
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=kind, nargs=count, help=f"({default})"
        )
    sizes = {"quick": quick, "small": small}
    for size in (name for name, values in sizes.items() if values is not None):
        parser.add_argument(f"--{size}", action="store_true", help="less of everything")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    found = parser.parse_args()
    less = [sizes[size] or {} for size in sizes if getattr(found, size, False)]
    for name, default in defaults.items():
        if getattr(found, name) is None:
            setattr(found, name, next((each[name] for each in less if name in each), default))
    return found
