"""The OpenAPI 3.1 document of what is served: routes and models from the code, answers as known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver, get_resolver
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from alloy_sandbox import __version__
from alloy_sandbox.core.operations import Json, Operation
from alloy_sandbox.knowledge import known

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


def show(request: HttpRequest) -> JsonResponse:
    """Serve the document."""
    return JsonResponse(document())


@cache
def document() -> Json:
    """Return the whole document."""
    schemas: Json = {"Refusal": schema_of({"message": "", "code?": "", "error?": {}})}
    paths: dict[str, Json] = {}
    for room, route, method, operation in served():
        described = _describe(room, route, method, operation, schemas)
        paths.setdefault(plain(route), {})[method.lower()] = described
    key = {"type": "http", "scheme": "bearer", "description": "Any that begins with sandbox_"}
    token = {"type": "apiKey", "in": "header", "name": "x-alloy-user-token"}
    return {
        "openapi": "3.1.1",
        "info": {"title": "Alloy, as alloy-sandbox has it", "version": __version__},
        "servers": [{"url": settings.SANDBOX_ORIGIN}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"key": key, "userToken": token}},
    }


def served() -> Iterator[tuple[str, str, str, Operation]]:
    """Yield namespace, route, method and operation of everything that a program may call."""
    for resolver in get_resolver().url_patterns:
        if not isinstance(resolver, URLResolver):
            continue
        for pattern in resolver.url_patterns:
            assert isinstance(pattern, URLPattern)  # noqa: S101 -- nothing is nested deeper
            for method, view in getattr(pattern.callback, "views", {}).items():
                if operation := getattr(view, "operation", None):
                    route = f"/{resolver.pattern}{pattern.pattern}"
                    yield resolver.namespace or "", route, method, operation


def plain(route: str) -> str:
    """Return a route as OpenAPI writes it: `/users/<user_id>` is `/users/{userId}`."""
    return PARAMETER.sub(lambda found: f"{{{to_camel(found[2])}}}", route)


def _describe(room: str, route: str, method: str, operation: Operation, schemas: Json) -> Json:
    facts = known().get(f"{method} {plain(route)}", {})
    said = re.split(r"\n\s*\n", operation.says.strip(), maxsplit=1)
    described: Json = {
        "tags": [room],
        "summary": " ".join(said[0].split()) or operation.name.replace("_", " ").capitalize(),
        "description": "\n\n".join(said[1:]),
        "parameters": [*_in_path(route), *_in_query(operation.query, schemas)],
        "responses": _responses(route, method, operation, facts),
    }
    if operation.body:
        schema = _schema(operation.body, schemas)
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
        required = name in schema.get("required", [])
        yield {"name": name, "in": "query", "required": required, "schema": _some(described)}


def _some(schema: Json) -> Json:
    """Return the schema of a value that is given: a query cannot say null."""
    some = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    return some[0] if some else schema


def _schema(model: type[BaseModel], schemas: Json) -> Json:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    schemas[model.__name__] = schema
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _responses(route: str, method: str, operation: Operation, facts: Json) -> Json:
    shape = schema_of(facts["answer"]) if "answer" in facts else {}
    media = facts.get("text", "application/json")
    answers: Json = {"200": {"description": "Done", "content": {media: {"schema": shape}}}}
    statuses = ["400", "404"]
    statuses += ["401"] if operation.who in WHO else []
    statuses += ["422"] if method != "GET" or operation.query else []
    statuses += ["4XX"] if route.endswith("/execute") else []
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
