"""Running workflows: by a custom event, by name, by an order in the store, and again.

The two workflows of the quick start touch the store, the others succeed without doing anything.
What goes wrong in a block is logged and streamed, never raised.
"""

from __future__ import annotations

from functools import lru_cache

from django.db import transaction
from django.utils import timezone

from alloy_sandbox.core import ids
from alloy_sandbox.core.api import Json, moment
from alloy_sandbox.core.errors import NotFound, Refused, UnknownEvent
from alloy_sandbox.core.models import (
    AcceptedEvent,
    CustomEvent,
    Execution,
    Installation,
    Release,
    User,
    WebhookDelivery,
    Workflow,
)
from alloy_sandbox.core.selectors import find_installation
from alloy_sandbox.embedded import stores
from alloy_sandbox.webhooks import queue


@transaction.atomic
def run_event(*, user: User, name: str, data: Json, idempotency_key: str = "") -> None:
    """Take a custom event and run every active workflow of the user that it starts.

    Alloy documents no deduplication: the same event twice runs twice. An event that starts nothing
    is taken as well. Raises `UnknownEvent` for an event that nobody defined.
    """
    started = user.installations.filter(active=True, workflow__event__name=name)
    copies = list(started.select_related("workflow", "user"))
    if not copies and not CustomEvent.objects.filter(name=name).exists():
        raise UnknownEvent(name)
    AcceptedEvent.objects.create(
        user=user, event=name, data=data, idempotency_key=idempotency_key[:255]
    )
    for copy in copies:
        run(copy, data)


@transaction.atomic
def run_workflow(*, user: User, workflow: Workflow, data: Json) -> Execution:
    """Run one workflow; raises `NotFound` when not installed, `Refused` when deactivated."""
    copy = find_installation(user, workflow)
    if not copy.active:
        raise Refused("The workflow is deactivated")
    return run(copy, data, mode="webhook")


@transaction.atomic
def rerun(execution: Execution) -> Execution:
    """Run again with the same data; raises `NotFound` once the copy or the logs are gone."""
    copy = Installation.objects.filter(pk=execution.installation_id).first()
    if copy is None or execution.purged_at:
        raise NotFound("Execution")
    return run(copy, execution.inputs[0]["data"], mode="retry")


@transaction.atomic
def place_order(*, user: User, fields: Json) -> Json:
    """Place an order, as a shopper would, and run the merchant's active order workflow."""
    order = stores.place_order(user=user, fields=fields)
    for copy in stores.listeners(user).select_related("workflow", "user"):
        run(copy, order.payload)
    payload: Json = order.payload
    return payload


@transaction.atomic
def make_up(*, user: User, workflow: Workflow, data: Json, error: str = "") -> Execution:
    """Make a run of a user's copy up, failed when an `error` is given."""
    copy = find_installation(user, workflow)
    if not error:
        return run(copy, data)
    execution = _begin(copy, data, mode="trigger")
    fail(execution, error)
    return execution


def run(copy: Installation, data: Json, mode: str = "trigger") -> Execution:
    """Run a user's copy of a workflow inside the caller's transaction."""
    execution = _begin(copy, data, mode)
    match copy.workflow.does:
        case "stream_order":
            _stream_order(execution, data)
        case "update_order_status":
            _update_order_status(execution, data)
        case _:
            succeed(execution, {"success": True})
    return execution


def succeed(execution: Execution, output: Json) -> None:
    """Close an execution whose last block did its work and answered `output`."""
    blocks = blocks_of(execution.workflow_id, execution.version)
    execution.actions = len(blocks) - 1
    _close(execution, blocks[-1], output)


def fail(execution: Execution, error: str) -> None:
    """Close an execution whose last block failed: log the error and stream it to the ISV."""
    block = blocks_of(execution.workflow_id, execution.version)[-1]
    execution.failed = True
    execution.error = "" if execution.purged_at else error
    _close(execution, block, {})
    now = moment(timezone.now())
    streamed = {
        "_id": ids.object_id(),
        "workflowId": execution.workflow_id,
        "executionId": execution.object_id,
        "blockId": block["id"],
        "blockType": f"alloy.{block['type']}",
        "error": error,
        "createdAt": now,
        "updatedAt": now,
        "__v": 0,
    }
    _post(WebhookDelivery.Kind.ERROR, execution, block, streamed)


@lru_cache(maxsize=1000)
def blocks_of(workflow_id: str, version: int) -> list[Json]:
    """Return the blocks of a release; kept, because a released version never changes."""
    blocks: list[Json] = Release.objects.get(workflow_id=workflow_id, number=version).blocks
    return blocks


def _begin(copy: Installation, data: Json, mode: str) -> Execution:
    """Return an execution, not yet saved, whose trigger block has taken the data."""
    blocks = blocks_of(copy.workflow_id, copy.installed_version)
    execution = Execution(
        user=copy.user,
        workflow=copy.workflow,
        installation=copy,
        version=copy.installed_version,
        mode=mode,
        started_at=timezone.now(),
        inputs=[{"connectorId": block["id"], "data": data} for block in blocks],
    )
    execution.results = [_result(execution, blocks[0], data)]
    return execution


def _close(execution: Execution, block: Json, output: Json) -> None:
    execution.stopped_at = timezone.now()
    if not execution.purged_at:
        execution.results = [*execution.results, _result(execution, block, output)]
    execution.save()


def _result(execution: Execution, block: Json, output: Json) -> Json:
    """Return a block's line in the logs, with the names of the older and of the newer versions."""
    return {
        "startedAt": moment(execution.started_at),
        "stoppedAt": moment(timezone.now()),
        "connectorId": block["id"],
        "blockId": block["id"],
        "data": [[{"json": output, "id": block["id"]}]],
    }


def _post(
    kind: WebhookDelivery.Kind, execution: Execution, block: Json, payload: Json
) -> WebhookDelivery | None:
    """Post a webhook about an execution; the headers that say whose are not signed."""
    headers = {
        "X-Alloy-WorkflowId": execution.workflow_id,
        "X-Alloy-UserId": execution.user_id,
        "X-Alloy-BlockName": block["name"],
        "X-Alloy-BlockType": block["type"],
        "X-Alloy-ExecutionUuid": execution.execution_id,
    }
    user_id = execution.user_id
    return queue.post(kind, user_id=user_id, payload=payload, headers=headers, execution=execution)


def _stream_order(execution: Execution, order: Json) -> None:
    """Post the order as the store has it; the execution ends when the ISV has answered."""
    trigger = blocks_of(execution.workflow_id, execution.version)[0]
    execution.save()
    if _post(WebhookDelivery.Kind.ORDER, execution, trigger, order) is None:
        fail(execution, "Stream Data has no destination URL")


def _update_order_status(execution: Execution, data: Json) -> None:
    """Set the order's status in the store to the given one, as it stands."""
    number, status = str(data.get("orderId", "")), data.get("status")
    order = stores.find_order(execution.user_id, number)
    if order is None:
        fail(execution, f"Request failed with status code 404: no order {number[:50]!r}")
    elif not isinstance(status, str) or not status:
        fail(execution, "Request failed with status code 400: no status was given")
    else:
        succeed(execution, stores.set_status(order, status))
