"""Operations: functions that get what was sent as typed models, and return what is answered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, TypeVar, get_type_hints

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from alloy_sandbox.core.access import has_key
from alloy_sandbox.core.errors import BadRequest, MethodNotAllowed, Unauthorized
from alloy_sandbox.server import ENCODED_SLASH

Json = dict[str, Any]
Run = TypeVar("Run", bound=Callable[..., Any])
View = Callable[..., HttpResponse]

# Far below what SQLite takes, so that a product of two still fits.
Whole = Annotated[int, Field(ge=0, lt=2**31)]
Positive = Annotated[int, Field(ge=1, lt=2**31)]


class Body(BaseModel):
    """What a request may carry: camelCase outside, snake_case inside, unknown keys ignored."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", defer_build=True)


class Strict(Body):
    """A body in which a mistyped key is an error."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", defer_build=True)


class UserQuery(Body):
    """Whose state is asked for; a user's own token need not name them."""

    user_id: str | None = None


@dataclass(frozen=True)
class Operation:
    """One method of one route. `who` may call it: see `Api`."""

    area: str
    method: str
    route: str
    who: str
    run: Callable[..., Any]

    @cached_property
    def takes(self) -> dict[str, Any]:
        """The models of the function's `body` and `query`, and whether it wants the `request`."""
        hints = get_type_hints(self.run)
        return {name: hints[name] for name in ("body", "query", "request") if name in hints}

    def answer(self, request: HttpRequest, **given: Any) -> HttpResponse:
        """Answer a call; raises `Unauthorized` and `BadRequest`, before the function runs."""
        if not has_key(request) and self.who == "key":
            raise Unauthorized
        sent = read_json(request) if "body" in self.takes else {}
        said = self.carry_out(request, sent, **given)
        return said if isinstance(said, HttpResponse) else JsonResponse(said)

    def carry_out(self, request: HttpRequest, sent: Json, **given: Any) -> Any:
        """Run the function on a body that was read, and return what it returns."""
        takes = self.takes
        if "body" in takes:
            given["body"] = parse(takes["body"], sent)
        if "query" in takes:
            # Of a repeated key the last counts; an empty value counts as none.
            told = {name: value for name, value in request.GET.items() if value}
            given["query"] = parse(takes["query"], told)
        if "request" in takes:
            given["request"] = request
        return self.run(**given)


class Api:
    """The operations of one area, as its modules add them.

    `who` may call: "key" for the ISV's server, "user" for a user's browser as well (the function
    finds out whose), "anybody".
    """

    def __init__(self, area: str, *, who: str = "key", prefix: str = "") -> None:
        self.area, self.who, self.prefix = area, who, prefix
        self.operations: list[Operation] = []

    def get(self, *routes: str, who: str = "") -> Callable[[Run], Run]:
        return self._add("GET", routes, who)

    def post(self, *routes: str, who: str = "") -> Callable[[Run], Run]:
        return self._add("POST", routes, who)

    def put(self, *routes: str, who: str = "") -> Callable[[Run], Run]:
        return self._add("PUT", routes, who)

    def delete(self, *routes: str, who: str = "") -> Callable[[Run], Run]:
        return self._add("DELETE", routes, who)

    def _add(self, method: str, routes: tuple[str, ...], who: str) -> Callable[[Run], Run]:
        def add(run: Run) -> Run:
            for route in routes:
                full = self.prefix + route
                self.operations.append(Operation(self.area, method, full, who or self.who, run))
            return run

        return add

    @property
    def urls(self) -> tuple[list[URLPattern], str]:
        """The routes, for `include`; what is spelt out comes before what is a parameter."""
        routes: dict[str, dict[str, Operation]] = {}
        for each in self.operations:
            routes.setdefault(each.route, {})[each.method] = each
        ordered = sorted(routes, key=lambda route: [part[:1] == "<" for part in route.split("/")])
        return [path(route, view_of(routes[route])) for route in ordered], self.area


def view_of(operations: dict[str, Operation]) -> View:
    """Return the view of a route: it calls the operation of the request's method."""

    def view(request: HttpRequest, **given: Any) -> HttpResponse:
        operation = operations.get("GET" if request.method == "HEAD" else request.method or "")
        if operation is None:
            raise MethodNotAllowed(request.method, operations)
        return operation.answer(request, **dict(_with_slashes(given)))

    view.operations = operations  # type: ignore[attr-defined]
    return view


def _with_slashes(given: Json) -> Iterator[tuple[str, Any]]:
    for name, value in given.items():
        yield name, value.replace(ENCODED_SLASH, "/") if isinstance(value, str) else value


def read_json(request: HttpRequest) -> Json:
    """Return the body as an object; {} for none, whatever its content type says.

    Alloy's clients send PUT and POST without a body as an empty form. Raises `BadRequest`.
    """
    try:
        raw = request.body
        body = json.loads(raw) if raw.strip() else {}
        # Python also reads NaN, Infinity and half surrogate pairs: no other JSON has them.
        json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except RequestDataTooBig:
        raise BadRequest("The request body is too long") from None
    except (ValueError, RecursionError):
        packed = request.headers.get("Content-Encoding", "")
        hint = f": send it without Content-Encoding ({packed})" if packed else ""
        raise BadRequest(f"The request body is not valid JSON{hint}") from None
    if not isinstance(body, dict):
        raise BadRequest("The request body must be a JSON object")
    return body


BodyType = TypeVar("BodyType", bound=BaseModel)


def parse(model: type[BodyType], values: Any) -> BodyType:
    """Turn outside values into the model; raises `BadRequest` naming the first field at fault."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _first_problem(error) from None


def _first_problem(error: ValidationError) -> BadRequest:
    problem = error.errors()[0]
    field = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "missing":
        return BadRequest(f"{field} is required", field)
    said = problem["msg"].removeprefix("Value error, ")
    return BadRequest(f"{field}: {said}" if field else said, field)


_WEB_ADDRESS = re.compile(
    r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?([/?#][!-~]*)?", re.ASCII | re.IGNORECASE
)


def is_web_address(text: str) -> bool:
    """Say whether this is an absolute http or https URL that can be used as it stands."""
    return _WEB_ADDRESS.fullmatch(text) is not None


def moment(when: datetime) -> str:
    """Write a time as JavaScript does: UTC, milliseconds, Z."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def icon_url(name: str) -> str:
    return f"{settings.SANDBOX_ORIGIN}/icons/{name}.svg"
