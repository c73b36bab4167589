"""What HubSpot's actions take."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Properties = dict[str, str | None]


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class ContactBody(BaseModel):
    """`properties`: {"email", "firstname", "lastname", "company", ...}."""

    properties: Properties


class Filter(Camel):
    property_name: str
    operator: Literal["EQ", "NEQ", "CONTAINS_TOKEN", "HAS_PROPERTY", "NOT_HAS_PROPERTY", "IN"]
    value: str = ""
    values: list[str] = Field(default_factory=list)


class FilterGroup(BaseModel):
    filters: list[Filter]


class ContactSearch(Camel):
    """A contact is found when all filters of any one group say so, and `query` is in it."""

    filter_groups: list[FilterGroup] = Field(default_factory=list, max_length=5)
    query: str = ""
    properties: list[str] = Field(default_factory=list)
    limit: int = Field(10, ge=1, le=200)
    after: str = ""
