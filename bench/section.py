"""The parts of documents that a command writes; people write what is around them."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def write_section(name: str, text: str, *, document: str = "benchmarks.md") -> None:
    """Put the text between the two marks of this name."""
    file = DOCS / document
    begin, end = f"<!-- {name}: written by a command -->", f"<!-- {name}: end -->"
    old = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    new, found = old.subn(lambda _: f"{begin}\n\n{text}\n\n{end}", file.read_text())
    if not found:
        raise SystemExit(f"{file} has no section {name!r}: put {begin} and {end} into it.")
    file.write_text(new)
