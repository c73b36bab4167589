"""What a bench says: tables, goals beside what was found, and its part of docs/benchmarks.md."""

from __future__ import annotations

import argparse
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.plot import Lines, plot

DOCS = Path(__file__).parent.parent / "docs"
LOAD_BEFORE = os.getloadavg()[0]
"""The machine's load average before the bench began to add to it."""


@dataclass(frozen=True)
class Goal:
    """A figure that has to be at least or at most something; None where it was not measured."""

    what: str
    found: float | None
    least: float | None = None
    most: float | None = None
    unit: str = ""

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Return the goal as a row of a table."""
        wanted = f"at least {self.least:,g}" if self.most is None else f"at most {self.most:,g}"
        if self.found is None:
            return self.what, f"{wanted}{self.unit}", "not measured", ""
        is_reached = self.found >= self.least if self.least is not None else self.found <= self.most  # type: ignore[operator]
        verdict = "reached" if is_reached else "**not reached**"
        digits = 0 if self.found >= 100 or self.found == int(self.found) else 2
        return self.what, f"{wanted}{self.unit}", f"{self.found:,.{digits}f}{self.unit}", verdict


@dataclass(frozen=True)
class Plot:
    """A plot beside the text: its file's name, its lines, and what its axes are."""

    name: str
    lines: Lines
    x: str
    y: str


def grid(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: set[int]) -> str:
    """Return a Markdown table that reads well in a terminal, too; `numbers` are aligned right."""
    widths = [max(len(cells[i]) for cells in (head, *rows)) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if i in numbers else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * (width - 1) + ":" if i in numbers else "-" * width for i, width in enumerate(widths)
    ]
    return "\n".join([line(head), line(rule), *map(line, rows)])


def goals(rows: Sequence[Goal]) -> str:
    """Return the goals as a table."""
    return grid(("goal", "wanted", "found", ""), [row.cells for row in rows], numbers={1, 2})


def finish(
    section: str,
    options: argparse.Namespace,
    *texts: str,
    plots: Sequence[Plot] = (),
    document: str = "benchmarks.md",
) -> None:
    """Print the texts; with `--write`, put them and the plots into the document as well.

    They stand between the two marks of this section. People write what is around them.
    """
    text = "\n\n".join(text for text in texts if text)
    print(f"\n{text}", flush=True)
    if not options.write:
        return
    for each in plots:
        plot(DOCS / f"{each.name}.svg", each.lines, x=each.x, y=each.y)
    images = [f"![{each.y} over {each.x}]({each.name}.svg)" for each in plots]
    _write(DOCS / document, section, "\n\n".join([text, *images]))


def circumstances(packages: Mapping[str, str] | None = None) -> str:
    """Return what to print below figures: a ratio keeps its worth on a busy machine, they not."""
    today = f"{datetime.now(UTC):%d %B %Y}".lstrip("0")
    versions = {
        "Python": platform.python_version(),
        "Django": version("django"),
        **(packages or {}),
    }
    return (
        f"{today}; {os.cpu_count()} cores ({_model()}), load average {LOAD_BEFORE:.1f} before; "
        + ", ".join(
            f"{name} {number}".strip() for name, number in {**versions, **(packages or {})}.items()
        )
    )


def _model() -> str:
    about = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", about.read_text() if about.exists() else "")
    return found[1] if found else platform.processor() or platform.machine()


def _write(file: Path, section: str, text: str) -> None:
    begin, end = f"<!-- {section}: written by a command -->", f"<!-- {section}: end -->"
    old = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    new, found = old.subn(lambda _: f"{begin}\n\n{text}\n\n{end}", file.read_text())
    if not found:
        raise SystemExit(f"{file} has no section {section!r}: put {begin} and {end} into it.")
    file.write_text(new)
