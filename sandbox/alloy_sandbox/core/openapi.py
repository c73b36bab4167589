"""The OpenAPI 3.1 document of what is served: routes and models from the code, answers as known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from alloy_sandbox import __version__
from alloy_sandbox.core.api import Json, Operation
from alloy_sandbox.core.catalogue import read_yaml

KNOWN = Path(__file__).parents[1] / "operations.yaml"
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
SCALARS = {str: "string", bool: "boolean", int: "integer", float: "number"}
CONVERTERS = {
    "int": {"type": "integer", "minimum": 0},
    "uuid": {"type": "string", "format": "uuid"},
}
WHO: dict[str, list[Json]] = {"key": [{"key": []}], "user": [{"key": []}, {"userToken": []}]}
REFUSALS = {
    "400": "Something is missing or has the wrong form",
    "401": "No key, or none of the sandbox's",
    "404": "Nothing has that id",
    "422": "Well formed, and against the rules",
    "4XX": "Refused by the service behind the connector, with its status",
}


@cache
def known() -> dict[str, Json]:
    """Return what is known of each operation of Alloy's, by method and path."""
    found: dict[str, Json] = read_yaml(KNOWN)["operations"]
    return found


def table() -> str:
    """Return every operation of Alloy's that is known, as a table in Markdown."""
    rows = [
        f"| `{name}` | {facts['source']} | "
        + ("no | |" if facts.get("missing") else f"yes | {facts['confidence']} |")
        for name, facts in known().items()
    ]
    return "\n".join(
        ["| operation | where it is known from | here | confidence |", "|---" * 4 + "|", *rows]
    )


@cache
def document() -> Json:
    """Return the whole document."""
    schemas: Json = {"Refusal": schema_of({"message": "", "code?": "", "error?": {}})}
    paths: dict[str, Json] = {}
    for operation in served():
        described = _describe(operation, schemas)
        paths.setdefault(plain(operation.route), {})[operation.method.lower()] = described
    key = {"type": "http", "scheme": "bearer", "description": "Any that begins with sandbox_"}
    token = {"type": "apiKey", "in": "header", "name": "x-alloy-user-token"}
    return {
        "openapi": "3.1.1",
        "info": {"title": "Alloy, as alloy-sandbox has it", "version": __version__},
        "servers": [{"url": settings.SANDBOX_ORIGIN}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"key": key, "userToken": token}},
    }


def served(patterns: Any = None) -> Iterator[Operation]:
    """Yield every operation that a program may call."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            yield from served(each.url_patterns)
        elif isinstance(each, URLPattern):
            yield from getattr(each.callback, "operations", {}).values()


def plain(route: str) -> str:
    """Return a route as OpenAPI writes it: `users/<user_id>` is `/users/{userId}`."""
    return "/" + PARAMETER.sub(lambda found: f"{{{to_camel(found[2])}}}", route)


def _describe(operation: Operation, schemas: Json) -> Json:
    facts = known().get(f"{operation.method} {plain(operation.route)}", {})
    said = re.split(r"\n\s*\n", (operation.run.__doc__ or "").strip(), maxsplit=1)
    name = operation.run.__name__.replace("_", " ").capitalize()
    query = operation.takes.get("query")
    described: Json = {
        "tags": [operation.area],
        "summary": " ".join(said[0].split()) or name,
        "description": "\n\n".join(said[1:]),
        "parameters": [*_in_path(operation.route), *_in_query(query, schemas)],
        "responses": _responses(operation, facts),
    }
    if "body" in operation.takes:
        schema = _schema(operation.takes["body"], schemas)
        described["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    if operation.who in WHO:
        described["security"] = WHO[operation.who]
    if facts:
        described["x-source"], described["x-confidence"] = facts["source"], facts["confidence"]
    return described


def _in_path(route: str) -> Iterator[Json]:
    for kind, name in PARAMETER.findall(route):
        schema = CONVERTERS.get(kind, {"type": "string", "minLength": 1})
        yield {"name": to_camel(name), "in": "path", "required": True, "schema": schema}


def _in_query(query: type[BaseModel] | None, schemas: Json) -> Iterator[Json]:
    if query is None:
        return
    schema = query.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    for name, described in schema["properties"].items():
        # A query cannot say null.
        some = [each for each in described.get("anyOf", []) if each != {"type": "null"}]
        required = name in schema.get("required", [])
        value = some[0] if some else described
        yield {"name": name, "in": "query", "required": required, "schema": value}


def _schema(model: type[BaseModel], schemas: Json) -> Json:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    schemas[model.__name__] = schema
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _responses(operation: Operation, facts: Json) -> Json:
    shape = schema_of(facts["answer"]) if "answer" in facts else {}
    pem = "application/x-pem-file" if operation.route.endswith(".pem") else "application/json"
    media = facts.get("text", pem)
    answers: Json = {"200": {"description": "Done", "content": {media: {"schema": shape}}}}
    statuses = ["400", "404"]
    statuses += ["401"] if operation.who in WHO else []
    statuses += ["422"] if operation.method != "GET" or "query" in operation.takes else []
    statuses += ["4XX"] if operation.route.endswith("/execute") else []
    refusal = {"schema": {"$ref": "#/components/schemas/Refusal"}}
    for status in sorted(statuses):
        content = {"application/json": refusal}
        answers[status] = {"description": REFUSALS[status], "content": content}
    return answers


def schema_of(shape: Any) -> Json:
    """Return the JSON Schema of a shape as operations.yaml writes it."""
    if isinstance(shape, dict) and shape:
        required = [name for name in shape if not name.endswith("?")]
        properties = {name.removesuffix("?"): schema_of(each) for name, each in shape.items()}
        return {"type": "object", "properties": properties, "required": required}
    if isinstance(shape, dict):
        return {"type": "object"}
    if isinstance(shape, list):
        return {"type": "array", "items": schema_of(shape[0])}
    return {"type": SCALARS[type(shape)]} if shape is not None else {}
