"""Google's refusals, in Google's words."""

from __future__ import annotations

from pydantic import ValidationError

from alloy_sandbox.connectivity.errors import ProviderError

REASONS = {
    400: ("invalid", "Bad Request"),
    401: ("authError", "Invalid Credentials"),
    403: ("insufficientFilePermissions", "The user does not have sufficient permissions."),
    404: ("notFound", "File not found."),
    429: ("rateLimitExceeded", "Rate Limit Exceeded"),
}


def google_error(status: int, message: str = "", location: str = "") -> ProviderError:
    """Return Google's error with this status: its usual message, unless another one is given."""
    reason, usual = REASONS.get(status, ("backendError", "Internal Error"))
    described = {"message": message or usual, "domain": "global", "reason": reason}
    if location:
        described |= {"locationType": "parameter", "location": location}
    body = {"error": {"code": status, "message": message or usual, "errors": [described]}}
    return ProviderError(status, message or usual, body)


def refuse(error: ValidationError) -> ProviderError:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return google_error(400, f"Invalid value for {where}: {first['msg']}", location=where)
