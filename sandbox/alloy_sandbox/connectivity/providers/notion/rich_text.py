"""Text as Notion has it: pieces of at most 2,000 UTF-16 units, each with its form."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.providers.notion.errors import refuse
from alloy_sandbox.connectivity.providers.notion.limits import within_a_text


class Link(BaseModel):
    url: str = Field(max_length=2000)


class Text(BaseModel):
    content: Annotated[str, AfterValidator(within_a_text)]
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
    """Return the pieces as Notion keeps them; raises its validation error, naming the place."""
    try:
        return [piece.as_notion() for piece in PIECES.validate_python(given)]
    except ValidationError as error:
        raise refuse(error, where) from error


def plain_text(pieces: list[Json]) -> str:
    return "".join(piece["plain_text"] for piece in pieces)
