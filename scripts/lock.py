"""Renews the lock files from the `.in` files: every version exact, every file's hash named.

What is locked stays while its `.in` file allows it; `--upgrade` moves everything to the newest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PARTS = ("", "-dev", "-redis", "-sandbox", "-docs", "-tracing")
LOCKS = tuple(f"requirements{part}" for part in PARTS)


def main(options: list[str]) -> None:
    """Compile each lock file, for all platforms and from the oldest Python we support."""
    for name in LOCKS:
        subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header"),
                *("--universal", "--python-version", "3.11", "--generate-hashes", *options),
                *(f"{name}.in", "--output-file", f"{name}.txt"),
            ],
            cwd=PROJECT,
            env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
            check=True,
        )
        print(f"{name}.txt is up to date.")


if __name__ == "__main__":
    main(sys.argv[1:])
