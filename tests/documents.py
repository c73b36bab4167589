"""The documents, and the blocks of code in them.

A fenced block names its language; one that is indented by four spaces is shell. `test_docs_run.py`
runs or parses each, unless a comment above it says who else does, or why nobody does:

    <!-- run by tests/test_deploy.py -->
    <!-- not run: needs a Docker engine -->

Where a test of its own runs a whole document, this is its first line, and the test unpacks
`texts_of` into names, so that it fails for a block too many:

    <!-- each block is run by tests/integrations/test_use_it.py -->
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "sandbox").glob("*.md"),
        *(
            path
            for name in ("docs", "deploy", "sandbox/docs")
            for path in (ROOT / name).rglob("*.md")
        ),
    ]
)

MARK = re.compile(r"<!-- (not run: (?P<reason>.+)|run by (?P<test>\S+\.py)) -->\s*$")
WHOLE = re.compile(r"<!-- each block is run by (\S+\.py) -->\n")


@dataclass(frozen=True)
class Block:
    """A block of code: where it stands, what it is, and who runs it, or why nobody does."""

    document: str
    line: int
    language: str
    text: str
    run_by: str = ""
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def blocks_of(document: str) -> list[Block]:
    """Return the blocks of a document, named by its path from the project's folder."""
    return [block for block in _blocks() if block.document == document]


def texts_of(document: str) -> list[str]:
    """Return the texts of all blocks of a document, in their order."""
    return [block.text for block in blocks_of(document)]


def all_blocks() -> list[Block]:
    """Return the blocks of all documents."""
    return list(_blocks())


@cache
def _blocks() -> tuple[Block, ...]:
    return tuple(block for path in DOCUMENTS for block in _read(path))


def _read(path: Path) -> list[Block]:
    text, document = path.read_text(), path.relative_to(ROOT).as_posix()
    lines, whole = text.splitlines(), WHOLE.match(text)
    found = []
    for token in MarkdownIt().parse(text):
        if token.type in ("fence", "code_block") and token.map:
            mark = MARK.search("\n".join(lines[: token.map[0]]).rstrip())
            given = (
                mark.groupdict("") if mark else {"test": whole[1] if whole else "", "reason": ""}
            )
            language = token.info.strip() or ("sh" if token.type == "code_block" else "")
            found.append(
                Block(
                    document,
                    token.map[0] + 1,
                    language,
                    token.content,
                    given["test"],
                    given["reason"],
                )
            )
    return found
