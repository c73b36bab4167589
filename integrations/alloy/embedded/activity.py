"""Endpoints about what runs: custom events, executions, errors and totals."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from integrations.alloy.embedded.base import Endpoints
from integrations.alloy.models import (
    Acknowledgement,
    Analytics,
    Event,
    Execution,
    Rerun,
    WorkflowError,
)

LOGS_PAGE_LIMIT = 30
"""How many executions one page of logs may hold."""


class Activity(Endpoints):
    """Send events in; read what workflows made of them."""

    def list_events(self, *, user_id: str | None = None) -> list[Event]:
        """Return the custom events of the account, with their sample bodies."""
        return self._many(Event, "GET", "/events", query={"userId": user_id})

    def run_event(
        self,
        *,
        event: str,
        user_id: str,
        data: Mapping[str, JsonValue],
        idempotency_key: str | None = None,
    ) -> None:
        """Run every installed, active workflow of the user that starts with this event.

        Alloy documents no deduplication: each accepted call may run the workflows once more. The
        key is sent as Idempotency-Key all the same, equal in every attempt, so that logs on both
        sides tell repeats from news. Raises ``NotFound`` for an unknown event or user.
        """
        body = {"event": event, "userId": user_id, "data": dict(data)}
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        self._do(Acknowledgement, "POST", "/run/event", body=body, headers=headers)

    def workflow_logs(
        self,
        *,
        workflow_id: str,
        user_id: str,
        page: int = 0,
        limit: int = 10,
        errors_only: bool = False,
    ) -> list[Execution]:
        """Return a page of executions, newest first; page 0 is the first.

        A page shorter than ``limit`` (at most ``LOGS_PAGE_LIMIT``) is the last one.
        """
        query = {"userId": user_id, "page": page, "limit": min(limit, LOGS_PAGE_LIMIT)}
        if errors_only:
            query["error"] = True
        route, path = "/workflows/{workflow_id}/logs", {"workflow_id": workflow_id}
        return self._many(Execution, "GET", route, path=path, query=query)

    def workflow_errors(
        self, *, workflow_id: str, user_id: str | None = None
    ) -> list[WorkflowError]:
        """Return the failures of a workflow: one user's, or everybody's."""
        route, path = "/workflows/{workflow_id}/errors", {"workflow_id": workflow_id}
        return self._many(WorkflowError, "GET", route, path=path, query={"userId": user_id})

    def rerun(self, *, workflow_id: str, execution_id: str, user_id: str) -> Rerun:
        """Run an execution again. Raises ``NotFound`` for one that is no longer kept."""
        route = "/workflows/{workflow_id}/rerun/{execution_id}"
        path = {"workflow_id": workflow_id, "execution_id": execution_id}
        return self._one(Rerun, "POST", route, path=path, query={"userId": user_id})

    def analytics(self, *, workflow_id: str) -> Analytics:
        """Return a workflow's totals over all of its users."""
        route, path = "/workflows/{workflow_id}/analytics", {"workflow_id": workflow_id}
        return self._one(Analytics, "GET", route, path=path)
