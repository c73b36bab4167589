"""Takes a streamed error into its group."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from django.db.models import F
from django.db.models.functions import Greatest, Least
from django.utils import timezone
from pydantic import AwareDatetime, BeforeValidator, Field, JsonValue, WrapValidator

from integrations.alloy import Execution
from integrations.alloy.models import Answered
from integrations.alloy.text import clean
from integrations.contrib.activity.models import FailureSubject, WorkflowFailure
from integrations.models import AlloyUser, Delivery, Message
from integrations.outbox import enqueue
from integrations.redaction import redact
from integrations.times import stored

LONGEST_MESSAGE = 2000
SUBJECT_FIELDS = ("orderId", "id")
"""The fields of a run's input that say what it was about, the best first."""

# Streamed errors name a run by an id that no run can be run again by; its log tells the other.
_OBJECT_ID = re.compile("[0-9a-f]{24}")
# Longest first: a UUID and an ObjectId hold numbers too.
_VOLATILE = re.compile(
    r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{24}\b|[0-9]+(?:[.,:][0-9]+)*"
)


def _or_none(value: Any, parse: Any) -> Any:
    try:
        moment: datetime = parse(value)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _error_text(error: Any) -> str:
    """Return an error as text: itself, the message of an object, or whatever it is as JSON."""
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        error = error["message"]
    return message_in(error if isinstance(error, str) else json.dumps(error))


class StreamedError(Answered):
    """One failed block of one execution, from Alloy's "Route Error Logs" [handling-errors]."""

    workflow_id: str = Field(min_length=1, max_length=64)
    execution_id: str = Field(min_length=1, max_length=64)
    block_type: Annotated[str, BeforeValidator(lambda it: clean(str(it), longest=120))] = ""
    error: Annotated[str, BeforeValidator(_error_text)] = ""
    # When it failed, by Alloy's clock. A delivery is not refused for a time that makes no sense.
    created_at: Annotated[AwareDatetime | None, WrapValidator(_or_none)] = None


def record(delivery: Delivery, error: StreamedError) -> WorkflowFailure:
    """Count the error in its group, which it reopens, and have the log of its run read.

    Needs a transaction. Equal errors at the same moment take turns at the group's row.
    """
    failed_at = stored(error.created_at) if error.created_at else delivery.received_at
    seen_at = min(failed_at, timezone.now())
    execution_id = "" if _OBJECT_ID.fullmatch(error.execution_id) else error.execution_id
    workflow_id = clean(error.workflow_id, longest=64)
    block, message = error.block_type.removeprefix("alloy."), error.error
    if block:  # it may have been learned from the log before, which does not name the block
        told_by_log = digest_of(workflow_id, "", message)
        WorkflowFailure.objects.filter(
            tenant=delivery.tenant, environment=delivery.environment, digest=told_by_log
        ).delete()
    failure, created = WorkflowFailure.objects.select_for_update().get_or_create(
        tenant=delivery.tenant,
        environment=delivery.environment,
        digest=digest_of(workflow_id, block, message),
        defaults={
            "workflow_id": workflow_id,
            "block": block,
            "message": message,
            "first_seen_at": seen_at,
            "last_seen_at": seen_at,
            "last_execution_id": execution_id,
        },
    )
    if not created:
        _count(failure, seen_at=seen_at, message=message, execution_id=execution_id)
    _have_explained(failure)
    return failure


def message_in(error: str) -> str:
    """Return the text of an error on one line, masked and cut."""
    return clean(redact(error, longest=4 * LONGEST_MESSAGE), longest=LONGEST_MESSAGE)


def digest_of(workflow_id: str, block: str, message: str) -> str:
    """Return what equal errors have in common: where they happened, and the text without ids."""
    text = _VOLATILE.sub("#", message)
    return hashlib.sha256(f"{workflow_id}\n{block}\n{text}".encode()).hexdigest()


def _count(failure: WorkflowFailure, *, seen_at: datetime, message: str, execution_id: str) -> None:
    changes: dict[str, Any] = {
        "count": F("count") + 1,
        "first_seen_at": Least(F("first_seen_at"), seen_at),
        "last_seen_at": Greatest(F("last_seen_at"), seen_at),
    }
    if seen_at >= failure.last_seen_at:
        changes |= {"message": message, "last_execution_id": execution_id}
    # An error from before the run that resolved the group, which came late, is no news.
    if failure.resolved_at is not None and seen_at > failure.resolved_at:
        changes["resolved_at"] = None
        FailureSubject.objects.filter(failure=failure).delete()
    WorkflowFailure.objects.filter(pk=failure.pk).update(**changes)


def _have_explained(failure: WorkflowFailure) -> None:
    """Ask for the log of the run; one question that still waits will learn of this error, too."""
    group_key = f"failure:{failure.pk}"
    waiting = Message.objects.filter(
        group__environment=failure.environment,
        group__key=group_key,
        state=Message.State.WAITING,
        attempts=None,  # not begun yet
    )
    if not waiting.exists():
        enqueue(
            group_key=group_key,
            tenant=failure.tenant,
            kind="explain_failure",
            payload={"failure": failure.pk},
        )


def subject_of(execution: Execution) -> str:
    """Return what a run was about, such as an order's number: "" when its inputs do not say.

    Only what came in first counts: later blocks speak in their own app's ids.
    """
    data = execution.inputs[0].data if execution.inputs else None
    return next(filter(None, _named_in(data)), "") if isinstance(data, dict) else ""


def _named_in(data: dict[str, JsonValue]) -> Iterator[str]:
    for name in SUBJECT_FIELDS:
        value = data.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            yield clean(str(value), longest=64)


def have_confirmed(delivery: Delivery) -> None:
    """Ask Alloy whether the error is of the tenant that only a header names. Needs a transaction.

    Whoever has seen one delivery can send it again with another header, for that is not signed.
    """
    alloy_user = AlloyUser.objects.filter(
        environment=delivery.environment, user_id=delivery.hinted_user_id, tenant__isnull=False
    ).first()
    if alloy_user is not None:
        enqueue(
            group_key=f"error:{delivery.pk}",
            tenant=alloy_user.tenant,
            kind="confirm_error",
            payload={"delivery": delivery.pk},
        )
