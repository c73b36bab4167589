"""The JSON that Alloy answers with, in the form that the caller's version knows."""

from __future__ import annotations

from collections.abc import Mapping

from alloy_sandbox.core.api import Json, icon_url, moment
from alloy_sandbox.core.models import (
    Credential,
    Execution,
    Installation,
    Integration,
    IntegrationInstallation,
    User,
    Workflow,
)
from alloy_sandbox.embedded.running import blocks_of

# The user's copies by the id of the workflow that they are copies of.
Copies = Mapping[str, Installation]

CONNECTORS_SINCE = "2025-06"


def user_json(user: User) -> Json:
    return {"userId": user.user_id, "username": user.username, "fullName": user.full_name}


def copies_of(user: User) -> dict[str, Installation]:
    """Return the user's installations by the id of the workflow that they are copies of."""
    return {each.workflow_id: each for each in user.installations.all()}


def integration_json(integration: Integration, copies: Copies, version: str) -> Json:
    """An integration with the user's state; from 2025-06 on `app` is called primaryConnector."""
    workflows = [
        _workflow_in_list(workflow, copies.get(workflow.workflow_id), version)
        for workflow in integration.workflows.all()
    ]
    shared = {
        "integrationId": integration.integration_id,
        "installed": any(workflow["installed"] for workflow in workflows),
        "icon": integration.icon_url,
        "workflows": workflows,
    }
    if version < CONNECTORS_SINCE:
        return {"app": integration.app, **shared}
    return {
        "app": integration.app,
        "primaryConnector": integration.connector,
        "description": integration.description,
        "credentials": [integration.connector],
        **shared,
    }


def workflow_json(workflow: Workflow, installation: Installation | None, version: str) -> Json:
    return {
        **_workflow_in_list(workflow, installation, version),
        "integrationId": workflow.integration_id,
        "createdAt": moment(workflow.created_at),
        "updatedAt": moment(workflow.updated_at),
    }


def _workflow_in_list(workflow: Workflow, installation: Installation | None, version: str) -> Json:
    """`installedVersion` is absent, not null, when the user has no copy."""
    latest = workflow.latest_release
    shown = {
        "workflowId": workflow.workflow_id,
        "name": workflow.name,
        "installed": installation is not None,
        "active": installation is not None and installation.active,
        "version": latest.number,
    }
    if installation is not None:
        shown["installedVersion"] = installation.installed_version
    if version < CONNECTORS_SINCE:
        return {**shown, "blocks": [_block(block) for block in latest.blocks]}
    return {**shown, "connectors": [_connector(block) for block in latest.blocks]}


def _block(block: Json) -> Json:
    return {**block, "icon": icon_url(block["icon"])}


def _connector(block: Json) -> Json:
    """Return a block as newer versions have it: lists speak of `name`, a single workflow of
    `connectorName`, and so with the id. All four are sent.
    """
    return {
        "name": block["name"],
        "connectorName": block["name"],
        "id": block["id"],
        "connectorId": block["id"],
        "connector": block["type"],
        "icon": icon_url(block["icon"]),
        "subtitle": "",
    }


def execution_json(execution: Execution) -> Json:
    """A line of a workflow's logs: what older and newer versions show, together."""
    shown: Json = {
        "executionId": execution.execution_id,
        "startedAt": moment(execution.started_at),
        "finished": execution.stopped_at is not None,
        "status": _status(execution),
        "results": execution.results,
        "inputs": execution.inputs,
    }
    if execution.stopped_at:
        shown["stoppedAt"] = moment(execution.stopped_at)
    if execution.failed:
        shown["error"] = execution.error
    return shown


def _status(execution: Execution) -> str:
    if execution.stopped_at is None:
        return "running"
    return "error" if execution.failed else "success"


def error_json(execution: Execution, workflow_id: str) -> Json:
    block = blocks_of(execution.workflow_id, execution.version)[-1]
    return {
        "workflowId": workflow_id,
        "block": block["type"],
        "errorOccurredAt": moment(execution.stopped_at or execution.started_at),
        "message": execution.error,
    }


def notification_json(execution: Execution, user: User | None) -> Json:
    """A line of the account-wide logs; `user` is None once the user was deleted."""
    workflow = execution.workflow
    integration = workflow.integration
    block = blocks_of(execution.workflow_id, execution.version)[-1]
    return {
        "_id": execution.object_id,
        "message": "executionError" if execution.failed else "executionSuccess",
        "data": {"executionId": execution.object_id, "executionUuid": execution.execution_id},
        "startedAt": moment(execution.started_at),
        "completedAt": moment(execution.stopped_at) if execution.stopped_at else None,
        "createdAt": moment(execution.started_at),
        "customVersion": False,
        "workflowVersion": execution.version,
        "teamId": "",
        "forgeWorkflowId": execution.workflow_id,
        "workflowId": execution.installation_id,
        "userId": execution.user_id,
        "user": {"email": user.username, "fullName": user.full_name} if user else None,
        "forgeWorkflow": {
            "name": workflow.name,
            "integrationId": {
                "_id": integration.integration_id,
                "name": integration.app,
                "blockId": block["id"],
                "icon": integration.icon_url,
            },
        },
    }


def credential_json(credential: Credential) -> Json:
    """What is told of a credential: never its data."""
    return {
        "credentialId": credential.credential_id,
        "type": credential.type,
        "name": credential.name,
        "createdAt": moment(credential.created_at),
        "updatedAt": moment(credential.updated_at),
    }


def credential_metadata_json(integration: Integration) -> Json:
    """What must be asked of a user. Older versions call the app `name`, newer ones `connector`."""
    return {
        "name": integration.connector,
        "connector": integration.connector,
        "icon": integration.icon_url,
        "isOauth": integration.is_oauth,
        "properties": integration.credential_fields,
    }


def form_json(workflow: Workflow, connector: str) -> Json:
    """The configurable fields of a workflow's latest release, for the headless API."""
    latest = workflow.latest_release
    return {
        "workflowId": workflow.workflow_id,
        "app": connector,
        "blockId": latest.app_block["id"],
        "fields": latest.configurable_fields,
    }


def installation_json(set_up: IntegrationInstallation, forms: list[Json]) -> Json:
    credential = set_up.credential
    return {
        "installationId": set_up.installation_id,
        "integrationId": set_up.integration_id,
        "userId": set_up.user_id,
        "formData": forms,
        "credentialIds": {f"{credential.type}Api": credential.credential_id} if credential else {},
        "workflowIds": set_up.workflow_ids,
        "installedAt": moment(set_up.completed_at) if set_up.completed_at else None,
        "enabled": set_up.completed_at is not None,
    }
