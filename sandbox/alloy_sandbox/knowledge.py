"""What is known of Alloy's API, of which operations.yaml is the record."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

RECORD = Path(__file__).parent / "operations.yaml"


@cache
def known() -> dict[str, dict[str, Any]]:
    """Return what is known of each operation of Alloy's, by method and path."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(RECORD.read_text())["operations"]
    return found


def table() -> str:
    """Return every operation of Alloy's that is known, as a table in Markdown."""
    rows = [
        f"| `{name}` | {facts['source']} | "
        + ("no | |" if facts.get("missing") else f"yes | {facts['confidence']} |")
        for name, facts in known().items()
    ]
    return "\n".join(
        ["| operation | where it is known from | here | confidence |", "|---" * 4 + "|", *rows]
    )
