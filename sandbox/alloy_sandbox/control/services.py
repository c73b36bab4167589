"""What the sandbox can be told to do beside what Alloy's API can, once for both of its doors.

The control calls and the dashboard only read what was sent, and say what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from alloy_sandbox.connectivity import credentials
from alloy_sandbox.connectivity.catalogue import find_connector
from alloy_sandbox.control.bodies import FaultBody
from alloy_sandbox.control.selectors import find
from alloy_sandbox.core import faults, seed
from alloy_sandbox.core.errors import BadRequest
from alloy_sandbox.core.fields import FieldValues, sample_values
from alloy_sandbox.core.models import (
    Credential,
    Execution,
    Fault,
    Installation,
    Release,
    StoreOrder,
    WebhookDelivery,
)
from alloy_sandbox.core.selectors import (
    find_installation,
    find_integration,
    find_user,
    find_workflow,
)
from alloy_sandbox.embedded import executions, runs, services
from alloy_sandbox.stores.services import place_order as place_in_store
from alloy_sandbox.stores.services import store_of
from alloy_sandbox.webhooks import queue


def reset() -> None:
    """Forget everything but the signing key, and seed again: the ids stay the same."""
    seed.reset()
    faults.forget_dice()


def install(
    *,
    user_id: str,
    integration_id: str,
    workflow_ids: Sequence[str] | None = None,
    field_values: Mapping[str, FieldValues] | None = None,
) -> list[Installation]:
    """Do what finishing the modal does, webhook included; fields that are left out are made up."""
    integration = find_integration(integration_id)
    typed = field_values or {}
    values = {
        each.pk: {**sample_values(each.latest_release), **typed.get(each.pk, {})}
        for each in integration.workflows.prefetch_related("releases")
    }
    return services.install(
        user=find_user(user_id),
        integration=integration,
        workflow_ids=workflow_ids,
        field_values=values,
    )


def set_active(*, user_id: str, workflow_id: str, active: bool) -> Installation:
    """Pause or resume a user's copy of a workflow."""
    copy = find_installation(find_user(user_id), find_workflow(workflow_id))
    services.set_active(installations=[copy], active=active)
    return copy


def place_order(*, user_id: str, fields: Mapping[str, Any]) -> StoreOrder:
    """Place an order in the user's store; `fields` replace those of a made-up one."""
    return place_in_store(store=store_of(user=find_user(user_id)), fields=fields)


def release(
    *, workflow_id: str, fields: Sequence[str | Mapping[str, Any]] | None = None
) -> Release:
    """Release a workflow's next version, with these fields or with those that it has."""
    return services.release(workflow=find_workflow(workflow_id), configurable_fields=fields)


def release_with(*, workflow_id: str, field: Mapping[str, Any]) -> Release:
    """Release a workflow's next version, with one more field than it has."""
    has = find_workflow(workflow_id).latest_release.configurable_fields
    return release(workflow_id=workflow_id, fields=[*has, field])


@transaction.atomic
def make_run(*, user_id: str, workflow_id: str, data: dict[str, Any], error: str = "") -> Execution:
    """Make a run up, failed when an `error` is given: its log, its error and its webhook."""
    installation = find_installation(find_user(user_id), find_workflow(workflow_id))
    if not error:
        return runs.run(installation=installation, data=data)
    execution = executions.begin(installation, data, mode="trigger")
    executions.fail(execution=execution, error=error)
    return execution


def add_fault(body: FaultBody) -> Fault:
    """Switch a fault on."""
    fault = body.as_fault()
    fault.save()
    return fault


def remove_fault(fault_id: int) -> None:
    """Switch a fault off; raises `NotFound`."""
    find(Fault.objects.all(), fault_id, "Fault").delete()


def clear_faults() -> int:
    """Switch every fault off, and begin their dice anew; return how many there were."""
    deleted, _ = Fault.objects.all().delete()
    faults.forget_dice()
    return deleted


def redeliver(delivery_id: int) -> WebhookDelivery:
    """Send a webhook once more, with the same body; raises `NotFound`."""
    return queue.redeliver(delivery=find(WebhookDelivery.objects.all(), delivery_id, "Webhook"))


def connect(*, user_id: str, connector_id: str, account: str | None) -> Credential:
    """Do what allowing access on the consent page does, without the page."""
    connector = find_connector(connector_id)
    if connector.account_field and not account:
        raise BadRequest(f"account is required: it is the {connector.account_field}")
    return credentials.connect_account(
        user=find_user(user_id), connector=connector, name=account or connector.accounts[0]
    )


def revoke(*, user_id: str, credential_id: str) -> None:
    """Delete a user's credential for a connector; what is in the account stays."""
    mine = find_user(user_id).credentials.filter(account__isnull=False)
    credentials.revoke(credentials=mine, credential_id=credential_id)
