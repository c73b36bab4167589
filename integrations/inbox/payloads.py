"""The bodies of the webhooks that Alloy itself defines, as typed models."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field, WrapValidator

from integrations.alloy.models import Answered


def _or_none(value: Any, parse: Any) -> Any:
    try:
        moment: datetime = parse(value)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _error_text(error: Any) -> Any:
    """Return an error as text: itself, the message of an object, or whatever it is as JSON."""
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        return error["message"]
    return error if isinstance(error, str) else json.dumps(error)


class Installation(Answered):
    """Alloy's Integration Installation Webhook: a tenant finished installing an integration."""

    user_id: str = Field(min_length=1, max_length=64)
    integration_id: str = Field(pattern="^[!-~]{1,64}$")
    workflow_ids: list[str] = Field(default_factory=list)
    success: bool


class StreamedError(Answered):
    """One failed block of one execution, from Alloy's "Route Error Logs"."""

    workflow_id: str = Field(min_length=1, max_length=64)
    execution_id: str = Field(min_length=1, max_length=64)
    block_id: str = Field("", max_length=64)
    block_type: str = Field("", max_length=120)
    error: Annotated[str, BeforeValidator(_error_text)] = ""
    # When it failed, by Alloy's clock. A delivery is not refused for a time that makes no sense.
    created_at: Annotated[AwareDatetime | None, WrapValidator(_or_none)] = None
