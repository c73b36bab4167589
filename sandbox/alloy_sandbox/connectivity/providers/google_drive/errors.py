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


def failure(status: int, reason: str = "") -> ProviderError:
    """Return Google's error with this status, for this reason; 403 is its usual rate limit."""
    reason = reason or ("userRateLimitExceeded" if status == 403 else "")
    return google_error(status, "Rate Limit Exceeded" if "Limit" in reason else "", reason=reason)


def google_error(
    status: int, message: str = "", location: str = "", reason: str = ""
) -> ProviderError:
    """Return Google's error with this status: what is usual of it, unless said otherwise."""
    usual_reason, usual = REASONS.get(status, ("backendError", "Internal Error"))
    reason = reason or usual_reason
    domain = "usageLimits" if "Limit" in reason else "global"
    described = {"message": message or usual, "domain": domain, "reason": reason}
    if location:
        described |= {"locationType": "parameter", "location": location}
    body = {"error": {"code": status, "message": message or usual, "errors": [described]}}
    return ProviderError(status, message or usual, body)


def refuse(error: ValidationError) -> ProviderError:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return google_error(400, f"Invalid value for {where}: {first['msg']}", location=where)
