"""What a merchant can do with an integration."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from integrations.alloy import (
    AlloyClient,
    AlloyError,
    Integration,
    NotFound,
    TemporaryError,
    UpgradeRefused,
    Workflow,
)
from integrations.client import alloy
from integrations.models import AlloyUser, Rerun
from integrations.pages.snapshots import something_changed

SECONDS_TO_WAIT_FOR_A_CLICK = 5.0
UNNAMED = "-"
"""Stands for the id of a new run that Alloy did not tell."""


@dataclass(frozen=True)
class Updated:
    """What an update came to: how many workflows moved, and whether the merchant is needed."""

    workflows: int
    needs_reinstall: bool


def modal_token(alloy_user: AlloyUser) -> str:
    """Fetch the short-lived JWT that opens the modal for this tenant; raises `AlloyError`.

    Fetched at the click that needs it, because it lives an hour at most and opens this tenant's
    integrations to whoever holds it.
    """
    client = alloy().within(SECONDS_TO_WAIT_FOR_A_CLICK)
    return client.user_token(user_id=alloy_user.user_id).token.get_secret_value()


def integration_update(
    *, alloy_user: AlloyUser, integration: Integration, workflow_id: str = ""
) -> Updated:
    """Move every outdated workflow, or the one, to its newest version; raises `AlloyError`.

    Alloy refuses where the new version asks the merchant for more fields: then the workflow has to
    be installed anew in the modal.
    """
    moved, refused = 0, False
    client = alloy().within(SECONDS_TO_WAIT_FOR_A_CLICK)
    try:
        for workflow in integration.installed_workflows:
            if workflow.update_available and workflow_id in ("", workflow.workflow_id):
                try:
                    upgrade = client.upgrade(
                        workflow_id=workflow.workflow_id, user_id=alloy_user.user_id
                    )
                    moved += upgrade.done
                except UpgradeRefused:
                    refused = True
    finally:
        something_changed(alloy_user)
    return Updated(workflows=moved, needs_reinstall=refused)


def workflow_pause(*, alloy_user: AlloyUser, workflow: Workflow) -> None:
    """Stop a workflow until it is resumed; raises `AlloyError`. Pausing twice is pausing once."""
    _act(alloy_user, lambda client: client.deactivate(**_of(alloy_user, workflow)))


def workflow_resume(*, alloy_user: AlloyUser, workflow: Workflow) -> None:
    """Let a paused workflow run again; raises `AlloyError`."""
    _act(alloy_user, lambda client: client.activate(**_of(alloy_user, workflow)))


def everything_pause(*, alloy_user: AlloyUser) -> None:
    """Pause all workflows of all the tenant's integrations; raises `AlloyError`. One call."""
    _act(alloy_user, lambda client: client.deactivate_all(user_id=alloy_user.user_id))


def workflows_uninstall(*, alloy_user: AlloyUser, workflows: Iterable[Workflow]) -> None:
    """Remove workflows; raises `AlloyError`. One that is gone already counts as removed."""
    for workflow in workflows:
        _act(alloy_user, _remover(alloy_user, workflow))


def execution_rerun(*, alloy_user: AlloyUser, workflow: Workflow, execution_id: str) -> bool:
    """Run a failed execution again; return False if it was before. Raises `AlloyError`.

    The row is there before the call, so two clicks run it once. It goes when nothing ran.
    """
    rerun = _begin_rerun(alloy_user, execution_id)
    if rerun is None:
        return False
    try:
        client = alloy().within(SECONDS_TO_WAIT_FOR_A_CLICK)
        again = client.rerun(execution_id=execution_id, **_of(alloy_user, workflow))
    except AlloyError as error:
        if not (isinstance(error, TemporaryError) and error.ambiguous):
            rerun.delete()
        raise
    Rerun.objects.filter(pk=rerun.pk).update(new_execution_id=again.execution_id or UNNAMED)
    return True


def _begin_rerun(alloy_user: AlloyUser, execution_id: str) -> Rerun | None:
    """Write down that it is run again; None if it was. A lost answer counts for a while only."""
    earlier = Rerun.objects.filter(
        tenant=alloy_user.tenant, environment=alloy_user.environment, execution_id=execution_id
    )
    earlier.lost().delete()
    rerun, is_first = Rerun.objects.get_or_create(
        tenant=alloy_user.tenant, environment=alloy_user.environment, execution_id=execution_id
    )
    return rerun if is_first else None


def _remover(alloy_user: AlloyUser, workflow: Workflow) -> Callable[[AlloyClient], None]:
    def remove(client: AlloyClient) -> None:
        with suppress(NotFound):
            client.delete_workflow(**_of(alloy_user, workflow))

    return remove


def _act(alloy_user: AlloyUser, call: Callable[[AlloyClient], None]) -> None:
    try:
        call(alloy().within(SECONDS_TO_WAIT_FOR_A_CLICK))
    finally:
        something_changed(alloy_user)


def _of(alloy_user: AlloyUser, workflow: Workflow) -> dict[str, str]:
    return {"workflow_id": workflow.workflow_id, "user_id": alloy_user.user_id}
