"""JSON Schema as the Connectivity API writes it: all of it in one piece, everything described."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel

Json = dict[str, Any]

LEFT_OUT = {"title", "$defs", "additionalProperties", "discriminator", "properties"}


def inline_schema(model: type[BaseModel]) -> Json:
    """Return a model's schema without references; what contains itself is cut short."""
    schema = model.model_json_schema()
    inlined: Json = _inline(schema, schema.get("$defs", {}), ())
    return {"required": [], **inlined}


def spoken(name: str) -> str:
    """Return a name as words: `page_id` and `pageId` are "page id"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]", " ", name).lower()


def _inline(schema: Any, known: Json, inside: tuple[str, ...]) -> Any:
    if isinstance(schema, list):
        return [_inline(each, known, inside) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        rest = {key: each for key, each in schema.items() if key != "$ref"}
        if name in inside:
            return {"type": "object", **rest}
        return {**_inline(known[name], known, (*inside, name)), **rest}
    some = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    if len(some) == 1:
        rest = {key: each for key, each in schema.items() if key != "anyOf"}
        schema = {**some[0], **rest}
        return _inline(schema, known, inside)
    written = {
        key: _inline(each, known, inside) for key, each in schema.items() if key not in LEFT_OUT
    }
    if "properties" in schema:
        written["properties"] = {
            name: {"description": spoken(name).capitalize(), **_inline(each, known, inside)}
            for name, each in schema["properties"].items()
        }
    return written
