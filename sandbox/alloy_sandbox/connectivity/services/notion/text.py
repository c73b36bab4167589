"""Text and blocks as Notion takes them, with its limits in its own units."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from alloy_sandbox.connectivity.service import Refusal
from alloy_sandbox.core.api import Json

LONGEST_TEXT = 2000
MOST_CHILDREN = 100
MOST_BLOCKS = 1000
MOST_BYTES = 500_000
DEEPEST = 2
WITH_TEXT = (
    *("paragraph", "heading_1", "heading_2", "heading_3", "quote", "callout", "code", "to_do"),
    *("bulleted_list_item", "numbered_list_item", "toggle"),
)
KNOWN = (*WITH_TEXT, "divider", "bookmark", "embed", "image", "equation", "table_of_contents")


def invalid(where: str, problem: str) -> Refusal:
    """Return the refusal of what stands at that place of the body."""
    return Refusal(400, f"body failed validation: body.{where} {problem}")


def misunderstood(error: ValidationError, where: str = "") -> Refusal:
    """Word the first thing that is wrong with a body; `where` is the path of what was parsed."""
    first = error.errors()[0]
    path = where + "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]
    )
    context = first.get("ctx", {})
    problem = f"is not of the expected form ({first['type']})."
    if first["type"] == "missing":
        problem = "should be defined, instead was `undefined`."
    elif first["type"] in ("string_too_long", "too_long"):
        actual = context.get("actual_length", "more")
        problem = f"length should be ≤ `{context['max_length']}`, instead was `{actual}`."
    return invalid(path.removeprefix("."), problem)


def check_size(body: Json) -> None:
    """Refuse a request of more than 1,000 blocks or 500 kB."""
    blocks = _count(body)
    if blocks > MOST_BLOCKS:
        said = f"body failed validation: at most {MOST_BLOCKS} blocks, instead of {blocks}."
        raise Refusal(400, said)
    size = len(json.dumps(body, ensure_ascii=False).encode())
    if size > MOST_BYTES:
        raise Refusal(400, f"Request body too large: {size} bytes, at most {MOST_BYTES}.")


def _count(value: Any) -> int:
    """Return how many blocks are below: whatever stands in a list of children."""
    if isinstance(value, list):
        return sum(map(_count, value))
    if not isinstance(value, dict):
        return 0
    children = value.get("children")
    own = len(children) if isinstance(children, list) else 0
    return own + sum(map(_count, value.values()))


def _within_a_text(text: str) -> str:
    """Return the text; raises for one of more than 2,000 UTF-16 units: an emoji has two."""
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length > LONGEST_TEXT:
        sizes = {"max_length": LONGEST_TEXT, "actual_length": length}
        raise PydanticCustomError("string_too_long", "too long", sizes)
    return text


class Link(BaseModel):
    url: str = Field(max_length=2000)


class Text(BaseModel):
    content: Annotated[str, AfterValidator(_within_a_text)]
    link: Link | None = None


class Annotations(BaseModel):
    bold: bool = False
    italic: bool = False
    strikethrough: bool = False
    underline: bool = False
    code: bool = False
    color: str = "default"


class Piece(BaseModel):
    """One piece of text; mentions and equations are not imitated."""

    type: Literal["text"] = "text"
    text: Text
    annotations: Annotations = Annotations()

    def as_notion(self) -> Json:
        """Return the piece with everything that Notion adds to it."""
        return {
            **self.model_dump(),
            "plain_text": self.text.content,
            "href": self.text.link.url if self.text.link else None,
        }


PIECES: TypeAdapter[list[Piece]] = TypeAdapter(Annotated[list[Piece], Field(max_length=100)])


def read_rich_text(given: Any, where: str) -> list[Json]:
    """Return the pieces as Notion keeps them; refuses, naming the place."""
    try:
        return [piece.as_notion() for piece in PIECES.validate_python(given)]
    except ValidationError as error:
        raise misunderstood(error, where) from error


def plain_text(pieces: list[Json]) -> str:
    return "".join(piece["plain_text"] for piece in pieces)


def read_blocks(given: list[Json], where: str = "children", depth: int = 1) -> list[Json]:
    """Return blocks as {"type", "content", "children"}; refuses what Notion would not take."""
    if len(given) > MOST_CHILDREN:
        said = f"should be ≤ `{MOST_CHILDREN}`, instead was `{len(given)}`."
        raise invalid(f"{where}.length", said)
    if given and depth > DEEPEST:
        raise invalid(where, f"should be not present below {DEEPEST} levels.")
    return [_read_block(each, f"{where}[{n}]", depth) for n, each in enumerate(given)]


def _read_block(given: Json, where: str, depth: int) -> Json:
    kind = given.get("type") or next((key for key in given if key in KNOWN), None)
    if kind not in KNOWN:
        names = ", ".join(f"`{name}`" for name in KNOWN)
        raise invalid(f"{where}.type", f"should be one of {names}, instead was `{kind}`.")
    content = given.get(kind)
    if not isinstance(content, dict):
        raise invalid(f"{where}.{kind}", "should be defined, instead was `undefined`.")
    where, content = f"{where}.{kind}", dict(content)
    children = content.pop("children", [])
    if not isinstance(children, list) or not all(isinstance(each, dict) for each in children):
        raise invalid(f"{where}.children", "should be an array of blocks.")
    if kind in WITH_TEXT:
        words = read_rich_text(content.get("rich_text"), f"{where}.rich_text")
        content = {"color": "default", **content, "rich_text": words}
    inner = read_blocks(children, f"{where}.children", depth + 1)
    return {"type": kind, "content": content, "children": inner}
