"""What Notion's actions take. Properties and blocks are read further where they are used."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

Json = dict[str, Any]


class Parent(BaseModel):
    """Where a page is to be: in the workspace, below a page, or in a database."""

    type: Literal["workspace", "page_id", "database_id"] | None = None
    page_id: str | None = None
    database_id: str | None = None
    workspace: Literal[True] | None = None


class NewPage(BaseModel):
    parent: Parent
    properties: Json = Field(default_factory=dict)
    children: list[Json] = Field(default_factory=list, max_length=100)
    icon: Json | None = None
    cover: Json | None = None


class PageChanges(BaseModel):
    """`archived` and `in_trash` are two names for the same."""

    properties: Json = Field(default_factory=dict)
    archived: bool | None = None
    in_trash: bool | None = None
    icon: Json | None = None
    cover: Json | None = None


class Paging(BaseModel):
    start_cursor: str | None = None
    page_size: int = Field(100, ge=1, le=100)


class SearchFilter(BaseModel):
    property: Literal["object"]
    value: Literal["page", "database"]


class SearchSort(BaseModel):
    direction: Literal["ascending", "descending"]
    timestamp: Literal["last_edited_time"] = "last_edited_time"


class Search(Paging):
    query: str = Field("", max_length=2000)
    filter: SearchFilter | None = None
    sort: SearchSort | None = None


class NewBlocks(BaseModel):
    children: list[Json] = Field(max_length=100)
    after: str | None = None


class RowSort(BaseModel):
    """By a property, or by one of the two timestamps."""

    property: str | None = None
    timestamp: Literal["created_time", "last_edited_time"] | None = None
    direction: Literal["ascending", "descending"] = "ascending"


class RowQuery(Paging):
    filter: Json | None = None
    sorts: list[RowSort] = Field(default_factory=list)
