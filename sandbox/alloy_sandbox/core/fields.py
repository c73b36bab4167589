"""The fields that a workflow lets its end users configure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from alloy_sandbox.core.api import Body, Json, parse
from alloy_sandbox.core.errors import BadRequest, Refused
from alloy_sandbox.core.models import Release

FieldValues = Mapping[str, Any]


class Option(Body):
    """One entry of a dropdown."""

    display_name: str
    value: str


def _options(given: Any) -> Any:
    """Take labels alone, in a list or separated by commas: "Main hall" is worth "main-hall"."""
    if isinstance(given, str):
        given = [each.strip() for each in given.split(",") if each.strip()]
    if not isinstance(given, list):
        return given
    return [
        {"displayName": each, "value": _slug(each)} if isinstance(each, str) else each
        for each in given
    ]


def _slug(label: str) -> str:
    return "-".join(label.lower().split())


class ConfigurableField(Body):
    """A field as the headless API shows it; its name or its label is enough."""

    name: str = Field("", max_length=100)
    display_name: str = ""
    type: Literal["string", "number", "boolean"] = "string"
    required: bool = True
    options: Annotated[list[Option], BeforeValidator(_options)] = Field(default_factory=list)

    def as_json(self) -> Json:
        """Return the field with all that can be made from what was said."""
        shown = self.model_dump(by_alias=True)
        shown["name"] = self.name or _slug(self.display_name)
        shown["displayName"] = self.display_name or readable(self.name)
        if not self.options:
            del shown["options"]
        return shown


def readable(name: str) -> str:
    """Turn a name into a label: `orderTag` and `order_tag` become "Order tag"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ").lower()
    return words[:1].upper() + words[1:]


def describe(fields: Sequence[str | Mapping[str, Any]]) -> list[Json]:
    """Turn names, or objects with at least a name or a label, into full descriptions.

    Raises `BadRequest` for a field without a name and for a name used twice.
    """
    described = [
        parse(ConfigurableField, {"name": field} if isinstance(field, str) else field).as_json()
        for field in fields
    ]
    names = [field["name"] for field in described]
    if not all(names):
        raise BadRequest("A configurable field needs a name")
    if len(set(names)) < len(names):
        raise BadRequest("Two configurable fields have the same name")
    return described


def check_values(release: Release, values: FieldValues) -> Json:
    """Return the values of this release's fields; raises `Refused` when a required one is empty."""
    chosen = {name: value for name, value in values.items() if name in release.field_names}
    for field in release.configurable_fields:
        if field["required"] and chosen.get(field["name"]) in (None, ""):
            raise Refused(f"The field {field['displayName']} is required")
    return chosen


def sample_values(release: Release) -> Json:
    """Return made-up answers to all fields, for installations that no person fills in."""
    return {field["name"]: _sample(field) for field in release.configurable_fields}


def _sample(field: Mapping[str, Any]) -> Any:
    if field.get("options"):
        return field["options"][0]["value"]
    return {"number": 1, "boolean": True}.get(field["type"], f"Sample {field['displayName']}")
