"""What is sent to Notion, call by call: never more than a call may hold, and all of it in order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import count
from typing import Any

import pytest

from meetings.copies.notion.blocks import Block, children_of, content_of, walk
from meetings.copies.notion.content import append, opening
from meetings.models import Meeting
from tests.meetings.conftest import NOON

LONG = "word " * 390


class Notion:
    """Takes blocks as Notion does, and refuses what Notion would."""

    def __init__(self) -> None:
        self.ids = (f"b{number}" for number in count())
        self.inside: dict[str, list[str]] = {"page": []}
        self.words: dict[str, str] = {}
        self.calls = 0

    def execute(self, action: str, *, path: dict[str, str], body: dict[str, Any]) -> Any:
        assert action == "patch-block-children"
        self.calls += 1
        check_request(body["children"])
        assert len(json.dumps(body, ensure_ascii=False).encode()) <= 500_000
        made = self._take(path["block_id"], body["children"])
        return {"results": [{"id": each} for each in made]}

    def text(self, block_id: str = "page") -> Iterable[str]:
        """Yield the words of the page, from top to bottom."""
        for each in self.inside.get(block_id, []):
            yield self.words[each]
            yield from self.text(each)

    def _take(self, parent: str, blocks: list[Block]) -> list[str]:
        made = [next(self.ids) for _ in blocks]
        self.inside.setdefault(parent, []).extend(made)
        for block_id, block in zip(made, blocks, strict=True):
            self.words[block_id] = words(block)
            self._take(block_id, children_of(block))
        return made


def words(block: Block) -> str:
    texts = block[block["type"]].get("rich_text", [])
    return "".join(text["text"]["content"] for text in texts)


def check_request(blocks: list[Block], *, depth: int = 1) -> None:
    assert depth <= 2
    assert len(blocks) <= 100
    assert sum(1 for _ in walk(blocks)) <= 1_000
    for block in blocks:
        if children_of(block):
            check_request(children_of(block), depth=depth + 1)


@pytest.mark.parametrize(
    "notes",
    [
        "\n".join(f"- {n}" for n in range(2_900)),
        "\n".join(f"- {n}" for n in range(3_500)),
        "\n".join(f"- {n}\n" + "\n".join(f"  - {n}.{m}" for m in range(60)) for n in range(40)),
        "- top\n" + "\n".join(f"  - {n} {LONG}" for n in range(95)),
        "\n".join("  " * n + f"- {n}" for n in range(9)),
        "> " + "\n> ".join(f"**{n}** said" for n in range(1_500)),
        "\n\n".join(f"{n} " + "會" * 9_000 for n in range(20)),
        "😀" * 100_000,
        "```\n" + "😀\n" * 50_000 + "```",
        " ".join(f"[{n}](https://example.com/{'x' * 150})" for n in range(1_000)),
    ],
)
def test_no_call_holds_more_than_notion_takes_and_nothing_is_lost(notes: str) -> None:
    blocks = content_of(Meeting(title="Weekly", starts_at=NOON, notes=notes)).blocks
    notion = Notion()
    first = opening(blocks)
    check_request(first)
    assert first
    append(notion, "page", blocks)  # type: ignore[arg-type]
    assert list(notion.text()) == [words(block) for block in walk(blocks)]
    assert notion.calls <= 150
