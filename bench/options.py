"""The options of a bench: each with a default, and `--quick` and `--small` for less of it."""

from __future__ import annotations

import argparse
import sys
from typing import Any


def options(
    small: dict[str, Any] | None = None,
    quick: dict[str, Any] | None = None,
    *,
    parts: tuple[str, ...] = (),
    writes: str = "docs/benchmarks.md",
    **defaults: Any,
) -> argparse.Namespace:
    """Return what the command line says; with `--small` or `--quick`, those values for defaults.

    A default that is a list takes several numbers, False makes a flag; the bench's docstring
    explains them. `--write` is there where the bench `writes` a document.
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
    sizes = {"quick": quick, "small": small}
    flags: dict[str, str | None] = dict.fromkeys(
        (name for name, values in sizes.items() if values is not None), "less of everything"
    )
    if writes:
        flags["write"] = f"into {writes}"
    for name, default in defaults.items():
        kind = type(default[0] if isinstance(default, list) else default)
        if kind is bool:
            flags[name] = None
            continue
        count = "+" if isinstance(default, list) else None
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=kind, nargs=count, help=f"({default})"
        )
    for name, explained in flags.items():
        parser.add_argument(f"--{name}", action="store_true", help=explained)
    found = parser.parse_args()
    less = [sizes[size] or {} for size in sizes if getattr(found, size, False)]
    for name, default in defaults.items():
        if getattr(found, name) is None:
            setattr(found, name, next((each[name] for each in less if name in each), default))
    return found
