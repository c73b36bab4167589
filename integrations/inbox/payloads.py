"""The bodies of the webhooks that Alloy itself defines, as typed models."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WrapValidator,
    model_validator,
)
from pydantic.alias_generators import to_camel


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


class _Body(BaseModel):
    """A body in camelCase. What is null counts as absent, and what is not known is left out."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _null_means_absent(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data


class Installation(_Body):
    """Alloy's Integration Installation Webhook: a tenant finished installing an integration."""

    user_id: str = Field(min_length=1, max_length=64)
    integration_id: str = Field(pattern="^[!-~]{1,64}$")
    workflow_ids: list[str] = Field(default_factory=list)
    success: bool


class StreamedError(_Body):
    """One failed block of one execution, from Alloy's "Route Error Logs"."""

    workflow_id: str = Field(min_length=1, max_length=64)
    execution_id: str = Field(min_length=1, max_length=64)
    block_id: str = Field("", max_length=64)
    block_type: str = Field("", max_length=120)
    error: Annotated[str, BeforeValidator(_error_text)] = ""
    # When it failed, by Alloy's clock. A delivery is not refused for a time that makes no sense.
    created_at: Annotated[AwareDatetime | None, WrapValidator(_or_none)] = None
