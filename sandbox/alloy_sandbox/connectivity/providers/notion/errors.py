"""Notion's refusals, in Notion's words."""

from __future__ import annotations

import uuid

from pydantic import ValidationError

from alloy_sandbox.connectivity.errors import ProviderError

CODES = {
    400: ("validation_error", "The request is not valid."),
    401: ("unauthorized", "API token is invalid."),
    403: ("restricted_resource", "Insufficient permissions for this endpoint."),
    404: ("object_not_found", "Could not find the object."),
    409: ("conflict_error", "Conflict occurred while saving. Please try again."),
    429: ("rate_limited", "You have been rate limited. Please try again in a few minutes."),
    500: ("internal_server_error", "Unexpected error occurred."),
    503: ("service_unavailable", "Notion is unavailable. Please try again later."),
}
IN_TRASH = "Can't edit block that is archived. You must unarchive the block before editing."


def failure(status: int, reason: str = "") -> ProviderError:
    """Return Notion's error with this status, with the code `reason`."""
    return notion_error(status, code=reason)


def notion_error(status: int, message: str = "", code: str = "") -> ProviderError:
    """Return Notion's error with this status: what is usual of it, unless said otherwise."""
    usual_code, usual = CODES.get(status, ("internal_server_error", "Unexpected error occurred."))
    message = message or usual
    return ProviderError(
        status,
        message,
        {
            "object": "error",
            "status": status,
            "code": code or usual_code,
            "message": message,
            "request_id": str(uuid.uuid4()),
        },
    )


def not_found(kind: str, object_id: str) -> ProviderError:
    """`kind`: "page", "database" or "block"."""
    return notion_error(
        404,
        f"Could not find {kind} with ID: {object_id}. Make sure the relevant pages and databases "
        "are shared with your integration.",
    )


def invalid_body(where: str, problem: str) -> ProviderError:
    return notion_error(400, f"body failed validation: body.{where} {problem}")


def refuse(error: ValidationError, where: str = "") -> ProviderError:
    """Word the first thing that is wrong with a body; `where` is the path of what was parsed."""
    first = error.errors()[0]
    path = where + "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]
    )
    return invalid_body(path.removeprefix("."), _problem(first["type"], first.get("ctx", {})))


def _problem(kind: str, context: dict[str, object]) -> str:
    if kind == "missing":
        return "should be defined, instead was `undefined`."
    if kind in ("string_too_long", "too_long"):
        limit = context["max_length"]
        actual = context.get("actual_length", "more")
        return f"length should be ≤ `{limit}`, instead was `{actual}`."
    return f"is not of the expected form ({kind})."
