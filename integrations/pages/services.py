"""What a merchant can do with an integration."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.alloy import Integration, UpgradeRefused
from integrations.client import alloy
from integrations.models import AlloyUser
from integrations.pages.snapshots import something_changed

SECONDS_TO_WAIT_FOR_A_CLICK = 5.0


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


def integration_update(*, alloy_user: AlloyUser, integration: Integration) -> Updated:
    """Move every outdated workflow to its newest version; raises `AlloyError`.

    Alloy refuses where the new version asks the merchant for more fields: then the workflow has to
    be installed anew in the modal.
    """
    moved, refused = 0, False
    client = alloy().within(SECONDS_TO_WAIT_FOR_A_CLICK)
    try:
        for workflow in integration.installed_workflows:
            if workflow.update_available:
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
