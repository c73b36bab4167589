"""HubSpot's refusals, in HubSpot's words."""

from __future__ import annotations

import uuid

from pydantic import ValidationError

from alloy_sandbox.connectivity.errors import ProviderError

CATEGORIES = {
    400: ("VALIDATION_ERROR", "The request is not valid"),
    401: ("INVALID_AUTHENTICATION", "Authentication credentials not found"),
    403: ("MISSING_SCOPES", "This app has not been granted all required scopes"),
    404: ("OBJECT_NOT_FOUND", "resource not found"),
    409: ("CONFLICT", "Conflict"),
    429: ("RATE_LIMITS", "You have reached your ten_secondly_rolling limit."),
}


def failure(status: int, reason: str = "") -> ProviderError:
    """Return HubSpot's error with this status, of the category `reason`."""
    return hubspot_error(status, category=reason)


def hubspot_error(status: int, message: str = "", category: str = "") -> ProviderError:
    """Return HubSpot's error with this status: what is usual of it, unless said otherwise."""
    usual_category, usual = CATEGORIES.get(status, ("INTERNAL_ERROR", "internal error"))
    message = message or usual
    body = {
        "status": "error",
        "message": message,
        "correlationId": str(uuid.uuid4()),
        "category": category or usual_category,
    }
    return ProviderError(status, message, body)


def refuse(error: ValidationError) -> ProviderError:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return hubspot_error(400, f"Invalid input JSON on {where}: {first['msg']}")
