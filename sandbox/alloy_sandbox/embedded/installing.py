"""What changes installations: installing, upgrading, pausing, removing, links, releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alloy_sandbox.core.access import make_token
from alloy_sandbox.core.catalogue import BlockEntry, blocks_json
from alloy_sandbox.core.errors import NotFound, Refused
from alloy_sandbox.core.fields import FieldValues, check_values, describe
from alloy_sandbox.core.models import (
    Credential,
    Installation,
    InstallLink,
    Integration,
    IntegrationInstallation,
    Release,
    User,
    WebhookDelivery,
    Workflow,
)
from alloy_sandbox.core.selectors import find_installation
from alloy_sandbox.webhooks import queue


@transaction.atomic
def install(
    *,
    user: User,
    integration: Integration,
    workflow_ids: Sequence[str] | None = None,
    field_values: Mapping[str, FieldValues] | None = None,
    credential: Credential | Mapping[str, Any] | None = None,
) -> list[Installation]:
    """Do what finishing the modal does: copy the workflows for the user, and tell the ISV.

    New copies are active and at the latest release; copies the user already has move to it and
    stay active or paused. `workflow_ids`: all of the integration's by default. `field_values`:
    {workflow id: {field name: value}}, added to those the copy already has. `credential`: what
    was typed in, to be kept under a new id; or an existing one; by default the newest one.

    Raises `NotFound` for a workflow of another integration, `Refused` for a required field left
    empty.
    """
    workflows = _choose(integration, workflow_ids)
    values = field_values or {}
    installations = [
        _install_workflow(user, workflow, values.get(workflow.workflow_id, {}))
        for workflow in workflows
    ]
    used = _credential_for(user, integration, credential)
    IntegrationInstallation.objects.update_or_create(
        user=user,
        integration=integration,
        defaults={
            "credential": used,
            "workflow_ids": [workflow.workflow_id for workflow in workflows],
            "completed_at": timezone.now(),
        },
    )
    _tell_installed(user, integration, workflows, used)
    return installations


def connect(*, user: User, type: str, name: str, data: Mapping[str, Any]) -> Credential:
    """Keep what is needed to reach the user's account at an app."""
    return Credential.objects.create(user=user, type=type, name=name, data=dict(data))


@transaction.atomic
def upgrade(*, user: User, workflow: Workflow) -> bool:
    """Move the user's copy to the latest release; False if it is there already.

    Raises `NotFound` when not installed, `Refused` when the release has fields that the installed
    one lacks: then only the modal can update it.
    """
    installation = find_installation(user, workflow)
    latest = workflow.latest_release
    installed = workflow.releases.get(number=installation.installed_version)
    added = sorted(latest.field_names - installed.field_names)
    if added:
        raise Refused(
            "This workflow cannot be upgraded because the new version has new configurable "
            f"fields ({', '.join(added)}); the user must reinstall it"
        )
    if latest.number == installed.number:
        return False
    installation.installed_version = latest.number
    installation.field_values = check_values(latest, installation.field_values)
    installation.save(update_fields=["installed_version", "field_values"])
    return True


def set_active(copy: Installation, *, active: bool) -> None:
    """Pause or resume a copy; a paused one takes no events."""
    copy.active = active
    copy.save(update_fields=["active"])


@transaction.atomic
def uninstall(*, user: User, workflow: Workflow) -> None:
    """Remove the user's copy; its logs and the user's credentials stay. Raises `NotFound`."""
    find_installation(user, workflow).delete()
    rest = Installation.objects.filter(user=user, workflow__integration=workflow.integration)
    if not rest.exists():
        IntegrationInstallation.objects.filter(user=user, integration=workflow.integration).delete()


@transaction.atomic
def release(
    *,
    workflow: Workflow,
    fields: Sequence[str | Mapping[str, Any]] | None = None,
    name: str = "",
    blocks: Sequence[BlockEntry] | None = None,
) -> Release:
    """Release the workflow's next version.

    `fields`: names, or objects with at least a name. None keeps those of the version before, and
    so it is with the blocks. Raises `BadRequest` when the fields are not well formed.
    """
    previous = workflow.latest_release
    number = previous.number + 1
    workflow.save(update_fields=["updated_at"])
    of = f"{workflow.pk}/{number}"
    return Release.objects.create(
        workflow=workflow,
        number=number,
        name=name,
        configurable_fields=previous.configurable_fields if fields is None else describe(fields),
        blocks=previous.blocks if blocks is None else blocks_json(of, blocks),
    )


def make_link(
    *, user: User, integration: Integration, lifetime: timedelta | None = None
) -> tuple[InstallLink, str]:
    """Return a new Alloy Link and its URL; it lives seven days unless told otherwise."""
    token, ends = make_token(user, lifetime or timedelta(days=settings.SANDBOX_LINK_DAYS))
    link = InstallLink.objects.create(
        token=token, user=user, integration=integration, expires_at=ends
    )
    query = {
        "integrationId": integration.integration_id,
        "token": link.token,
        "forgeMode": "engaged",
        "alwaysShowCredentials": "true",
    }
    return link, f"{settings.SANDBOX_ORIGIN}/embedded-install?{urlencode(query)}"


def consume_link(*, link: InstallLink) -> None:
    """Make the link useless once its integration is installed; raises `Refused` if it was used.

    Of two windows that finish at the same moment, one is refused. Call it in the transaction that
    installs.
    """
    unused = InstallLink.objects.filter(pk=link.pk, used_at=None)
    if not unused.update(used_at=timezone.now()):
        raise Refused("This link has already been used")


def _choose(integration: Integration, workflow_ids: Sequence[str] | None) -> list[Workflow]:
    workflows = {workflow.workflow_id: workflow for workflow in integration.workflows.all()}
    try:
        return [workflows[each] for each in dict.fromkeys(workflow_ids or workflows)]
    except KeyError:
        raise NotFound("Workflow") from None


def _install_workflow(user: User, workflow: Workflow, values: FieldValues) -> Installation:
    latest = workflow.latest_release
    installation = Installation.objects.filter(user=user, workflow=workflow).first()
    if installation is None:
        return Installation.objects.create(
            user=user,
            workflow=workflow,
            installed_version=latest.number,
            field_values=check_values(latest, values),
        )
    installation.installed_version = latest.number
    installation.field_values = check_values(latest, {**installation.field_values, **values})
    installation.save(update_fields=["installed_version", "field_values"])
    return installation


def _credential_for(
    user: User, integration: Integration, given: Credential | Mapping[str, Any] | None
) -> Credential:
    if isinstance(given, Credential):
        return given
    newest = user.credentials.filter(type=integration.connector).last()
    if given is None and newest is not None:
        return newest
    name = f"{integration.app} {user.username}"
    return connect(user=user, type=integration.connector, name=name, data=given or {})


def _tell_installed(
    user: User, integration: Integration, workflows: list[Workflow], credential: Credential
) -> None:
    queue.post(
        WebhookDelivery.Kind.INSTALLATION,
        user_id=user.user_id,
        payload={
            "userId": user.user_id,
            "workflowIds": [workflow.workflow_id for workflow in workflows],
            "integrationId": integration.integration_id,
            "credentials": {integration.connector: credential.credential_id},
            "success": True,
        },
    )
