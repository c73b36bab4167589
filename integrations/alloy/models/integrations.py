"""Answers about integrations and their workflows, as one user sees them.

Up to 2024-03 an integration has ``app`` and its workflows ``blocks``; since 2025-09 it has
``primaryConnector`` and they have ``connectors``. Both come out as the same model.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import AliasChoices, Field

from integrations.alloy.models.fields import (
    Answered,
    Count,
    Flag,
    Identifier,
    Message,
    Moment,
    Name,
    WebAddress,
)


class State(StrEnum):
    """What a card on the integrations page has to say."""

    NOT_INSTALLED = "not_installed"
    INSTALLED = "installed"
    PAUSED = "paused"
    UPDATE_AVAILABLE = "update_available"


class Block(Answered):
    """One step of a workflow. ``kind`` names the app behind it, such as ``customEvent``."""

    block_id: Name = Field("", validation_alias=AliasChoices("id", "connectorId", "blockId"))
    name: Name = Field("", validation_alias=AliasChoices("name", "connectorName"))
    kind: Name = Field("", validation_alias=AliasChoices("type", "connector"))
    icon: WebAddress = ""


class Workflow(Answered):
    """A workflow. ``version`` is the newest released one, ``installed_version`` the user's."""

    workflow_id: Identifier
    integration_id: Name = ""
    name: Name = ""
    installed: Flag
    active: Flag = False
    version: Count | None = None
    installed_version: Count | None = None
    blocks: tuple[Block, ...] = Field((), validation_alias=AliasChoices("blocks", "connectors"))
    created_at: Moment | None = None
    updated_at: Moment | None = None

    @property
    def update_available(self) -> bool:
        """Whether a newer version than the installed one has been released."""
        if not self.installed or self.version is None or self.installed_version is None:
            return False
        return self.version > self.installed_version

    @property
    def paused(self) -> bool:
        """Whether it is installed but does not run."""
        return self.installed and not self.active


class Integration(Answered):
    """An integration with this user's state of its workflows. ``app`` is its display name."""

    integration_id: Identifier
    app: Name = Field(validation_alias=AliasChoices("app", "primaryConnector"))
    description: Message = ""
    icon: WebAddress = ""
    installed: Flag
    workflows: tuple[Workflow, ...] = ()

    @property
    def installed_workflows(self) -> tuple[Workflow, ...]:
        """The workflows this user has installed."""
        return tuple(workflow for workflow in self.workflows if workflow.installed)

    @property
    def update_available(self) -> bool:
        """Whether any installed workflow has a newer version."""
        return any(workflow.update_available for workflow in self.workflows)

    @property
    def state(self) -> State:
        """The integration's state, taken from its workflows.

        Alloy's own samples show an integration with ``installed: false`` whose workflow is
        installed, so either flag counts.
        """
        if not self.installed and not self.installed_workflows:
            return State.NOT_INSTALLED
        if self.update_available:
            return State.UPDATE_AVAILABLE
        if self.installed_workflows and all(each.paused for each in self.installed_workflows):
            return State.PAUSED
        return State.INSTALLED


class WorkflowVersion(Answered):
    """One version of a workflow, released or still a draft."""

    version_id: Identifier
    version_name: Name = ""
    status: Name = ""
    last_modified: Moment | None = None
