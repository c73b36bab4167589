"""One execution from its first block to its end: begun, then closed as a success or a failure."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.utils import timezone

from alloy_sandbox.core import ids
from alloy_sandbox.core.http import moment
from alloy_sandbox.core.models import Execution, Installation, Release, WebhookDelivery
from alloy_sandbox.webhooks import queue

Json = dict[str, Any]


def begin(installation: Installation, data: Json, *, mode: str) -> Execution:
    """Return an execution, not yet saved, whose trigger block has taken the data."""
    blocks = blocks_of(installation.workflow_id, installation.installed_version)
    now = timezone.now()
    execution = Execution(
        user=installation.user,
        workflow=installation.workflow,
        installation=installation,
        version=installation.installed_version,
        mode=mode,
        started_at=now,
        inputs=[{"connectorId": block["id"], "data": data} for block in blocks],
    )
    execution.results = [_result(execution, blocks[0], data)]
    return execution


def succeed(*, execution: Execution, output: Json) -> None:
    """Close an execution whose last block did its work and answered `output`."""
    blocks = blocks_of(execution.workflow_id, execution.version)
    execution.actions = len(blocks) - 1
    _close(execution, blocks[-1], output)


def fail(*, execution: Execution, error: str) -> None:
    """Close an execution whose last block failed: log the error and stream it to the ISV."""
    block = blocks_of(execution.workflow_id, execution.version)[-1]
    execution.failed = True
    execution.failed_block = block["id"]
    execution.error = "" if execution.purged_at else error
    _close(execution, block, {})
    queue.post(
        WebhookDelivery.Kind.ERROR,
        user_id=execution.user_id,
        payload=_streamed_error(execution, block, error),
        headers=alloy_headers(execution, block),
        execution=execution,
    )


def alloy_headers(execution: Execution, block: Json) -> dict[str, str]:
    """Return the headers that say whose execution a webhook speaks of. They are not signed."""
    return {
        "X-Alloy-WorkflowId": execution.workflow_id,
        "X-Alloy-UserId": execution.user_id,
        "X-Alloy-BlockName": block["name"],
        "X-Alloy-BlockType": block["type"],
        "X-Alloy-ExecutionUuid": execution.execution_id,
    }


@lru_cache(maxsize=1000)
def blocks_of(workflow_id: str, version: int) -> list[Json]:
    """Return the blocks of a release; kept, because a released version never changes."""
    blocks: list[Json] = Release.objects.get(workflow_id=workflow_id, number=version).blocks
    return blocks


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


def _streamed_error(execution: Execution, block: Json, error: str) -> Json:
    now = moment(timezone.now())
    return {
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
