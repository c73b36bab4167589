"""Reading requests and shaping answers, the same for every room."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from alloy_sandbox.core.errors import BadRequest, MethodNotAllowed

# Stands for a slash that was percent-encoded in a path, as in a username: it separates nothing.
ENCODED_SLASH = "\ue000"

View = Callable[..., HttpResponse]


class Body(BaseModel):
    """What a request may carry: camelCase outside, snake_case inside, unknown keys ignored."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class UserQuery(Body):
    """Whose state is asked for; a user's own token need not name them."""

    user_id: str | None = None


BodyType = TypeVar("BodyType", bound=BaseModel)


def by_method(**views: View) -> View:
    """Return one view that calls the view named after the request's method: `GET=..., PUT=...`."""

    def dispatch(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        view = views.get("GET" if request.method == "HEAD" else request.method or "")
        if view is None:
            raise MethodNotAllowed(request.method, views)
        given = {name: _with_slashes(value) for name, value in kwargs.items()}
        return view(request, *args, **given)

    dispatch.views = views  # type: ignore[attr-defined]
    return dispatch


def _with_slashes(value: Any) -> Any:
    return value.replace(ENCODED_SLASH, "/") if isinstance(value, str) else value


def read_json(request: HttpRequest) -> dict[str, Any]:
    """Return the body as an object; {} for none, whatever its content type says.

    Alloy's clients send PUT and POST without a body as an empty form. Raises `BadRequest`.
    """
    raw = request.body
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
        # Python also reads NaN, Infinity and half surrogate pairs: no other JSON has them.
        json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise BadRequest("The request body is not valid JSON") from None
    if not isinstance(body, dict):
        raise BadRequest("The request body must be a JSON object")
    return body


def parse(model: type[BodyType], values: Any) -> BodyType:
    """Turn outside values into the model; raises `BadRequest` naming the first field at fault."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _first_problem(error) from None


def parse_body(request: HttpRequest, model: type[BodyType]) -> BodyType:
    return parse(model, read_json(request))


def parse_query(request: HttpRequest, model: type[BodyType]) -> BodyType:
    """Parse the query string; of a repeated key the last counts, an empty value counts as none."""
    return parse(model, {key: value for key, value in request.GET.items() if value})


def _first_problem(error: ValidationError) -> BadRequest:
    problem = error.errors()[0]
    field = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "missing":
        return BadRequest(f"{field} is required", field)
    said = problem["msg"].removeprefix("Value error, ")
    return BadRequest(f"{field}: {said}" if field else said, field)


def moment(when: datetime) -> str:
    """Write a time as JavaScript does: UTC, milliseconds, Z."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
