"""What has run: a workflow's logs and errors, running again, and the account-wide logs."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from pydantic import Field
from pydantic import Json as JsonText

from alloy_sandbox.core.access import all_users, find_user
from alloy_sandbox.core.api import Body, Json, Positive, Whole, moment
from alloy_sandbox.core.models import Execution, User
from alloy_sandbox.core.selectors import find, find_workflow
from alloy_sandbox.embedded import api, running
from alloy_sandbox.embedded.shapes import error_json, execution_json, notification_json

LARGEST_PAGE = 30
SORT_COLUMNS = {
    "createdAt": "started_at",
    "completedAt": "stopped_at",
    "message": "failed",
    "userId": "user",
}


class LogQuery(Body):
    """A page of a workflow's logs. The first page is 0; a page holds 10, at most 30."""

    user_id: str | None = None
    page: Whole = 0
    limit: Positive = 10
    order: Literal["asc", "desc"] = "desc"
    error: bool | None = None


class LogFilter(Body):
    """One of the `filters`, whose form Alloy does not publish: a field and the value it has."""

    field: Literal["workflowId", "userId", "message", "executionUuid"]
    value: str


class AccountLogQuery(Body):
    """A page of the account's logs, and which of them: those that meet all filters."""

    filters: JsonText[list[LogFilter]] = Field(default_factory=list)

    workflow_id: str | None = None
    associated_user_id: str | None = None
    skip: Whole = 0
    limit: int = Field(10, ge=1, le=100)
    sort_by: Literal["createdAt", "completedAt", "message", "userId"] = "createdAt"
    sort_order: Literal["asc", "desc"] = "desc"


@api.get("workflows/<workflow_id>/logs", "workflow/<workflow_id>/logs")
def workflow_logs(workflow_id: str, query: LogQuery) -> Json:
    executions = _executions(workflow_id, query.user_id)
    if query.error is not None:
        executions = executions.filter(failed=query.error)
    executions = executions.order_by("pk" if query.order == "asc" else "-pk")
    limit = min(query.limit, LARGEST_PAGE)
    page = executions[query.page * limit : (query.page + 1) * limit]
    return {"data": [execution_json(execution) for execution in page]}


@api.get("workflows/<workflow_id>/errors")
def workflow_errors(workflow_id: str, query: LogQuery) -> Json:
    """The errors of one user's copy; without a userId those of all users."""
    failed = _executions(workflow_id, query.user_id).filter(failed=True)
    return {"data": [error_json(execution, workflow_id) for execution in failed]}


@api.post("workflows/<workflow_id>/rerun/<execution_id>")
def rerun(workflow_id: str, execution_id: str, query: LogQuery) -> Json:
    executions = _executions(workflow_id, query.user_id)
    again = running.rerun(find("Execution", executions, execution_id=execution_id))
    return {"message": "success", "executionUuid": again.execution_id}


@api.get("logs")
def account_logs(query: AccountLogQuery) -> Json:
    executions = _kept().select_related("workflow__integration")
    if query.workflow_id:
        executions = executions.filter(workflow=find_workflow(query.workflow_id))
    if query.associated_user_id:
        executions = executions.filter(user=find_user(query.associated_user_id))
    for each in query.filters:
        executions = executions.filter(**_condition(each))
    direction = "" if query.sort_order == "asc" else "-"
    ordered = executions.order_by(f"{direction}{SORT_COLUMNS[query.sort_by]}", f"{direction}pk")
    page = ordered[query.skip : query.skip + query.limit]
    users = User.objects.in_bulk({execution.user_id for execution in page})
    total = executions.count()
    return {
        "notifications": [notification_json(each, users.get(each.user_id)) for each in page],
        "lastFetched": moment(timezone.now()),
        "pagination": {
            "totalItems": total,
            "totalPages": -(-total // query.limit),
            "currentPage": 1 + query.skip // query.limit,
            "pageSize": query.limit,
        },
    }


def _condition(wanted: LogFilter) -> Json:
    """Return the condition on executions that a filter means."""
    match wanted.field:
        case "workflowId":
            return {"workflow": find_workflow(wanted.value)}
        case "userId":
            return {"user_id": find_user(wanted.value).user_id}
        case "executionUuid":
            return {"execution_id": wanted.value}
    return {"failed": wanted.value == "executionError"}


@api.get("logs/<object_id>")
def account_log(object_id: str) -> Json:
    execution = find("Log", _kept(), object_id=object_id)
    data = {
        **execution_json(execution),
        "_id": execution.object_id,
        "executionMode": "error" if execution.failed else execution.mode,
        "executionUuid": execution.execution_id,
        "workflowId": execution.installation_id,
        "userId": execution.user_id,
    }
    return {"data": data}


def _kept() -> QuerySet[Execution]:
    """Return what is left: not purged, not older than sixty days, not another environment's."""
    oldest = timezone.now() - timedelta(days=settings.SANDBOX_LOG_DAYS)
    elsewhere = User.objects.exclude(pk__in=all_users()).values("pk")
    kept = Execution.objects.filter(purged_at=None, started_at__gte=oldest)
    return kept.exclude(user_id__in=elsewhere)


def _executions(workflow_id: str, user_id: str | None) -> QuerySet[Execution]:
    executions = _kept().filter(workflow=find_workflow(workflow_id))
    return executions.filter(user=find_user(user_id)) if user_id else executions
