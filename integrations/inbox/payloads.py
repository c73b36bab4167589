"""The bodies of the webhooks that Alloy itself defines, as typed models."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Installation(BaseModel):
    """Alloy's Integration Installation Webhook: a tenant finished installing an integration.

    `credentials` (app name to credential id) is documented on the newer page only.
    """

    model_config = ConfigDict(populate_by_name=True)

    user_id: str = Field(alias="userId", min_length=1, max_length=64)
    integration_id: str = Field(alias="integrationId", min_length=1, max_length=64)
    workflow_ids: list[str] = Field(alias="workflowIds", default_factory=list)
    credentials: dict[str, str] = Field(default_factory=dict)
    success: bool


class StreamedError(BaseModel):
    """One failed block of one execution, from Alloy's "Route Error Logs"."""

    model_config = ConfigDict(populate_by_name=True)

    workflow_id: str = Field(alias="workflowId", max_length=64)
    execution_id: str = Field(alias="executionId", max_length=64)
    block_id: str = Field(alias="blockId", default="", max_length=64)
    block_type: str = Field(alias="blockType", default="", max_length=120)
    error: str = ""
