"""An operation of the API: a view that gets what was sent as models, and returns what to answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, get_type_hints

from django.http import HttpRequest, HttpResponse, JsonResponse
from pydantic import BaseModel

from alloy_sandbox.core.authentication import has_key
from alloy_sandbox.core.errors import Unauthorized
from alloy_sandbox.core.http import View, parse_body, parse_query

Json = dict[str, Any]
Run = Callable[..., Json | HttpResponse]


@dataclass(frozen=True)
class Operation:
    """What the OpenAPI document tells of a view. `who` may call: see `operation`."""

    who: str
    name: str
    says: str
    body: type[BaseModel] | None
    query: type[BaseModel] | None


def operation(who: str = "key") -> Callable[[Run], View]:
    """Make a function an operation; `body` and `query` arguments arrive as the annotated models.

    `who`: "key" for the ISV's server, "user" for a user's browser as well (the function finds out
    whose), "anybody". Raises `Unauthorized` and `BadRequest`, before the function runs.
    """

    def decorate(run: Run) -> View:
        hints = get_type_hints(run)
        described = Operation(
            who, run.__name__, run.__doc__ or "", hints.get("body"), hints.get("query")
        )

        @wraps(run)
        def answer(request: HttpRequest, **given: Any) -> HttpResponse:
            if not has_key(request) and who == "key":
                raise Unauthorized
            if described.body:
                given["body"] = parse_body(request, described.body)
            if described.query:
                given["query"] = parse_query(request, described.query)
            said = run(request, **given)
            return said if isinstance(said, HttpResponse) else JsonResponse(said)

        answer.operation = described  # type: ignore[attr-defined]
        return answer

    return decorate
