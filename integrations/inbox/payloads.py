"""The bodies of the webhooks that Alloy itself defines, as typed models."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, WrapValidator


def _or_none(value: Any, parse: Any) -> Any:
    try:
        return parse(value)
    except ValueError:
        return None


class Installation(BaseModel):
    """Alloy's Integration Installation Webhook: a tenant finished installing an integration.

    `credentials` (app name to credential id) is documented on the newer page only.
    """

    model_config = ConfigDict(populate_by_name=True)

    user_id: str = Field(alias="userId", min_length=1, max_length=64)
    integration_id: str = Field(alias="integrationId", pattern="^[!-~]{1,64}$")
    workflow_ids: list[str] = Field(alias="workflowIds", default_factory=list)
    credentials: dict[str, str] = Field(default_factory=dict)
    success: bool


class StreamedError(BaseModel):
    """One failed block of one execution, from Alloy's "Route Error Logs"."""

    model_config = ConfigDict(populate_by_name=True)

    workflow_id: str = Field(alias="workflowId", min_length=1, max_length=64)
    execution_id: str = Field(alias="executionId", min_length=1, max_length=64)
    block_id: str = Field(alias="blockId", default="", max_length=64)
    block_type: str = Field(alias="blockType", default="", max_length=120)
    error: str = ""
    # When it failed, by Alloy's clock. A delivery is not refused for a time that makes no sense.
    created_at: Annotated[AwareDatetime | None, WrapValidator(_or_none)] = Field(
        alias="createdAt", default=None
    )
