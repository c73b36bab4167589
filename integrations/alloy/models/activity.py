"""Answers about what workflows did: custom events, executions, errors, totals."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field, JsonValue

from integrations.alloy.models.fields import (
    Answered,
    Count,
    Flag,
    Identifier,
    Message,
    Moment,
    Name,
)

_BLOCK_ID = AliasChoices("blockId", "connectorId")
_FAILED = frozenset({"error", "failed", "failure", "crashed"})


def _flat(data: Any) -> Any:
    """Return one list of items, whether Alloy wrapped them in one array or in two."""
    if not isinstance(data, list):
        return [data]
    return [item for group in data for item in (group if isinstance(group, list) else [group])]


def _error_text(error: Any) -> Any:
    """Return an error's text, whether it stands alone or as the message of an object."""
    return error.get("message", "") if isinstance(error, dict) else error


class Event(Answered):
    """A custom event and its sample body, as entered in Alloy's builder."""

    name: Name
    description: Message = ""
    body: dict[str, JsonValue] = Field(default_factory=dict)


class BlockInput(Answered):
    """What one block of an execution was given."""

    block_id: Name = Field("", validation_alias=_BLOCK_ID)
    data: JsonValue = None


class BlockResult(Answered):
    """What one block of an execution gave back: a list of items, each any JSON."""

    block_id: Name = Field("", validation_alias=_BLOCK_ID)
    started_at: Moment | None = None
    stopped_at: Moment | None = None
    data: Annotated[tuple[JsonValue, ...], BeforeValidator(_flat)] = ()


class ExecutionState(StrEnum):
    """How a run of a workflow went."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Execution(Answered):
    """One run of a workflow. Older answers say ``status``, newer ones ``finished``."""

    execution_id: Identifier
    started_at: Moment
    stopped_at: Moment | None = None
    finished: Flag | None = None
    status: Name = ""
    error: Annotated[Message, BeforeValidator(_error_text)] = ""
    results: tuple[BlockResult, ...] = ()
    inputs: tuple[BlockInput, ...] = ()

    @property
    def state(self) -> ExecutionState:
        """Whether it still runs, succeeded, or failed (also: stopped without finishing)."""
        if self.error or self.status in _FAILED or (self.stopped_at and self.finished is False):
            return ExecutionState.FAILED
        if self.stopped_at or self.finished or self.status == "success":
            return ExecutionState.SUCCEEDED
        return ExecutionState.RUNNING

    @property
    def seconds(self) -> float | None:
        """How long it took, once it has stopped."""
        return (self.stopped_at - self.started_at).total_seconds() if self.stopped_at else None


class WorkflowError(Answered):
    """One failure of a workflow. ``block`` names the app at fault, such as ``bigcommerce``."""

    workflow_id: Identifier
    block: Name = Field("", validation_alias=AliasChoices("block", "blockType"))
    occurred_at: Moment = Field(validation_alias=AliasChoices("errorOccurredAt", "createdAt"))
    message: Annotated[Message, BeforeValidator(_error_text)] = Field(
        "", validation_alias=AliasChoices("message", "error")
    )


class Analytics(Answered):
    """Totals of a workflow over all users. Actions (blocks run) are what Alloy bills."""

    total_app_actions: Count
    total_workflow_runs: Count
    total_errors: Count


class Rerun(Answered):
    """The answer to running an execution again."""

    execution_id: Name = Field("", validation_alias=AliasChoices("executionUuid", "executionId"))
    message: Message = ""
