"""What Google Drive's actions take; a file's text travels under `content`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class NewFile(Camel):
    name: str = Field("Untitled", max_length=1000)
    mime_type: str = "text/plain"
    description: str = ""
    parents: list[str] = Field(default_factory=lambda: ["root"])
    content: str = ""


class FileChanges(Camel):
    name: str | None = Field(None, max_length=1000)
    mime_type: str | None = None
    description: str | None = None
    content: str | None = None
    trashed: bool | None = None


class FileQuery(Camel):
    """`q`: terms such as `name = 'a' and trashed = false`, joined by "and"."""

    q: str = ""
    page_size: int = Field(100, ge=1, le=1000)
    page_token: str = ""
