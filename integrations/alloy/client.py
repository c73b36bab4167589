"""The client for Alloy's Embedded API: a typed method for each endpoint that is called here.

Another method is three lines. Each names in brackets the page of
docs.runalloy.com/reference/embedded, or the guide under /embedded, that its rules come from;
[clients] means that no page has them, but Alloy's own SDKs do.

A method states a ``Call`` (HTTP method, route, query, body), a ``Transport`` sends it and returns
an ``Answer``, and ``one`` or ``many`` parse that into models: see ``call`` and ``http``, later.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import IO, Any, Self

from pydantic import JsonValue, SecretStr

from integrations.alloy.call import Answer, Call, Model, QueryValue, many, one
from integrations.alloy.deadline import Timeouts
from integrations.alloy.errors import Refused, UpgradeRefused, UsernameTaken
from integrations.alloy.hosts import Hosts
from integrations.alloy.http import Download, Transport
from integrations.alloy.models import (
    AccountLog,
    Acknowledgement,
    Activated,
    Credential,
    Deleted,
    Event,
    Execution,
    InstallLink,
    Integration,
    LogEntry,
    Rerun,
    Upgrade,
    User,
    UserId,
    UserToken,
    WorkflowError,
    WorkflowVersion,
)

BATCH_LIMIT = 1000
"""The most users that one batch may create [managing-users-and-logs]."""

BULK_TIMEOUTS = Timeouts(read=60.0, total=600.0)
"""For calls about very many users, for which nobody waits in a browser."""

LONGEST_LIST = 1024**3
"""The most bytes that a list of all users may have; a million users take a tenth of it."""

LOGS_PAGE_LIMIT = 30
"""The most executions that one page of logs may hold [get-workflow-logs]."""

_TAKEN = re.compile(r"exist|taken|already|in use|unique|duplicate", re.IGNORECASE)
_NEW_FIELDS = re.compile(r"field|configur|re-?install|modal", re.IGNORECASE)


class Endpoints:
    """The base of the clients for Alloy's two APIs: makes calls with one key, host and version."""

    def __init__(
        self,
        *,
        api_key: str,
        hosts: Hosts,
        version: str = "2023-12",
        transport: Transport | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        """Raises ``ValueError`` for a key that cannot be a header or a version that is no date.

        Clients that share a ``transport`` share its connections. ``timeouts`` apply to every call;
        the default is ``Timeouts()``.
        """
        if not re.fullmatch(r"[\x21-\x7e]+", api_key):
            raise ValueError("An Alloy API key is printable ASCII without spaces. Is it set?")
        if not re.fullmatch(r"20\d\d-\d\d", version):
            raise ValueError(f"An Alloy API version looks like 2023-12, not {version!r}.")
        self._api_key = SecretStr(api_key)
        self._hosts = hosts
        self._version = version
        self._transport = transport or Transport()
        self._timeouts = timeouts or Timeouts()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(host={self._hosts.embedded!r}, version={self._version!r})"

    def within(self, seconds: float) -> Self:
        """Return this client with a shorter deadline, for calls that a visitor waits for."""
        client = copy.copy(self)
        client._timeouts = replace(self._timeouts, total=min(seconds, self._timeouts.total))
        return client

    def _one(self, model: type[Model], method: str, route: str, **parts: Any) -> Model:
        """Make a call and return the one object in its answer; ``parts`` as for ``_answer``."""
        return one(model, self._answer(method, route, **parts))

    def _many(self, model: type[Model], method: str, route: str, **parts: Any) -> list[Model]:
        """Make a call and return the list in its answer."""
        return many(model, self._answer(method, route, **parts))

    def _do(self, model: type[Acknowledgement], method: str, route: str, **parts: Any) -> None:
        """Make a call whose answer says whether it was done. Raises ``Refused`` if it was not."""
        answer = self._answer(method, route, **parts)
        outcome = one(model, answer)
        if not outcome.done:
            raise Refused(
                f"Alloy did not do {answer.call.label}: {outcome.message or 'it does not say why'}",
                status=answer.status,
                request_id=answer.request_id,
                detail=outcome.message,
            )

    def _answer(
        self,
        method: str,
        route: str,
        *,
        query: Mapping[str, QueryValue] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        download: Download | None = None,
        **ids: str,
    ) -> Answer:
        """Make a call and return its answer of any status; ``ids`` fill the places in the route."""
        base, version_headers = self._hosts.address(self._version)
        call = Call(
            method=method,
            base=base,
            route=route,
            path=ids,
            query=query or {},
            body=body,
            headers={**version_headers, **(headers or {})},
            api_key=self._api_key,
        )
        return self._transport.send(call, timeouts=timeouts or self._timeouts, download=download)


class AlloyClient(Endpoints):
    """Alloy's Embedded API with one key: a typed method per endpoint.

    Every method raises ``TemporaryError`` where trying again can help and ``PermanentError``
    where it cannot; none retries by itself. A client may be shared by threads and kept over a
    fork. Its ``repr`` shows host and version, never the key.

    ``user_id`` may be a username everywhere [get-user]. ``workflow_id`` is the id that
    ``list_integrations`` gives: the template's, not that of a user's installation
    [upgrade-workflow].
    """

    # Users and their tokens

    def create_user(self, *, username: str, full_name: str = "") -> str:
        """Create an end user and return the id Alloy gave it [create-user].

        Raises ``UsernameTaken`` if one with this username exists. An earlier call whose answer was
        lost may have created it: ``get_user(user_id=username)`` finds it.
        """
        body = _new_user(username, full_name)
        try:
            return self._one(UserId, "POST", "/users", body=body).user_id
        except Refused as error:
            # Usernames are unique, but no status is documented for one that is taken.
            if error.status in (400, 409, 422) and _TAKEN.search(error.detail):
                raise error.narrowed(UsernameTaken) from None
            raise

    def create_users_batch(self, *, users: Iterable[tuple[str, str]]) -> None:
        """Create up to ``BATCH_LIMIT`` users, each a pair of username and full name.

        Alloy leaves out invalid and taken names, and its answer gives no ids: list all users to
        learn who exists. Raises ``Refused`` if not a single one was valid [batch-create-users].
        """
        body = {"users": [_new_user(username, full_name) for username, full_name in users]}
        self._do(Acknowledgement, "POST", "/users/batch", body=body, timeouts=BULK_TIMEOUTS)

    def get_user(self, *, user_id: str) -> User:
        """Return one user [get-user]. Raises ``NotFound``."""
        return self._one(User, "GET", "/users/{user_id}", user_id=user_id)

    def download_users(self, file: IO[bytes]) -> None:
        """Write the list of all users into a file, as Alloy sends it: it may be very long.

        Alloy documents no paging for this list [list-users].
        """
        download = Download(file, LONGEST_LIST)
        answer = self._answer("GET", "/users", timeouts=BULK_TIMEOUTS, download=download)
        if not answer.ok:
            raise answer.error()

    def delete_user(self, *, user_id: str) -> None:
        """Delete a user [delete-user]. Raises ``NotFound``.

        Their logs may stay: call ``delete_user_logs`` first.
        """
        self._do(Deleted, "DELETE", "/users/{user_id}", user_id=user_id)

    def delete_user_logs(self, *, user_id: str) -> None:
        """Delete a user's executions and errors at Alloy, for good [managing-users-and-logs]."""
        self._do(Acknowledgement, "DELETE", "/users/{user_id}/logs", user_id=user_id)

    def user_token(self, *, user_id: str) -> UserToken:
        """Return a short-lived JWT for the browser SDK, one for each use [generate-user-token]."""
        return self._one(UserToken, "GET", "/users/{user_id}/token", user_id=user_id)

    # Integrations and workflows, each as one user sees them

    def list_integrations(self, *, user_id: str) -> list[Integration]:
        """Return every released integration, with this user's state of each [list-integrations]."""
        return self._many(Integration, "GET", "/integrations", query={"userId": user_id})

    def install_link(self, *, integration_id: str, user_id: str) -> InstallLink:
        """Return an Alloy Link: a page that installs the integration, once [hosted-link]."""
        route = "/users/{user_id}/integrations/{integration_id}/install-url"
        ids = {"user_id": user_id, "integration_id": integration_id}
        return self._one(InstallLink, "GET", route, **ids)

    def activate(self, *, workflow_id: str, user_id: str) -> None:
        """Let an installed workflow run (again) [activate-workflow]."""
        body = {"userId": user_id, "workflowId": workflow_id}
        self._do(Activated, "PUT", "/workflows/activate", body=body)

    def deactivate(self, *, workflow_id: str, user_id: str) -> None:
        """Pause an installed workflow: its triggers no longer fire [deactivate-workflow]."""
        body = {"userId": user_id, "workflowId": workflow_id}
        self._do(Acknowledgement, "PUT", "/workflows/deactivate", body=body)

    def deactivate_all(self, *, user_id: str) -> None:
        """Pause all of a user's workflows [deactivate-all-workflows]."""
        self._do(Acknowledgement, "PUT", "/users/{user_id}/deactivate-workflows", user_id=user_id)

    def upgrade(self, *, workflow_id: str, user_id: str) -> Upgrade:
        """Move a user's installation to the newest released version.

        Raises ``UpgradeRefused`` if that version asks the user for fields that the old one did not
        have: then only a reinstall through the modal helps. Alloy documents the refusal but not its
        status, so every way to say no counts [upgrade-workflow].
        """
        route, query = "/workflows/{workflow_id}/upgrade", {"userId": user_id}
        try:
            answer = self._answer("PUT", route, query=query, workflow_id=workflow_id)
            upgrade = one(Upgrade, answer)
        except Refused as error:
            if error.status in (400, 409, 422):
                raise error.narrowed(UpgradeRefused) from None
            raise
        if not upgrade.done and _NEW_FIELDS.search(upgrade.message):
            raise UpgradeRefused(upgrade.message, status=answer.status, detail=upgrade.message)
        return upgrade

    def delete_workflow(self, *, workflow_id: str, user_id: str) -> None:
        """Uninstall a workflow for one user [delete-workflow]. Raises ``NotFound``."""
        route, query = "/workflows/{workflow_id}", {"userId": user_id}
        self._do(Deleted, "DELETE", route, query=query, workflow_id=workflow_id)

    def workflow_versions(self, *, workflow_id: str, user_id: str) -> list[WorkflowVersion]:
        """Return the versions of a workflow, drafts among them [clients]."""
        route, query = "/workflows/{workflow_id}/versions", {"userId": user_id}
        return self._many(WorkflowVersion, "GET", route, query=query, workflow_id=workflow_id)

    # What runs: custom events, executions and errors

    def list_events(self) -> list[Event]:
        """Return the custom events of the account, with their sample bodies [list-events]."""
        return self._many(Event, "GET", "/events")

    def run_event(
        self,
        *,
        event: str,
        user_id: str,
        data: Mapping[str, JsonValue],
        idempotency_key: str | None = None,
    ) -> None:
        """Run every installed, active workflow of the user that starts with this event [run-event].

        Alloy documents no deduplication: each accepted call may run the workflows once more. The
        key is sent as Idempotency-Key all the same, equal in every attempt, so that logs on both
        sides show which calls are repeats. Raises ``NotFound`` for an unknown event or user.
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

        A page shorter than ``limit`` (at most ``LOGS_PAGE_LIMIT``) is the last one
        [get-workflow-logs].
        """
        route = "/workflows/{workflow_id}/logs"
        query = {"userId": user_id, "page": page, "limit": min(limit, LOGS_PAGE_LIMIT)}
        query |= {"error": True} if errors_only else {}
        return self._many(Execution, "GET", route, query=query, workflow_id=workflow_id)

    def account_logs(self, *, user_id: str, workflow_id: str) -> list[LogEntry]:
        """Return the latest entries of the account's log about a user's runs, newest first.

        Unlike the other logs these name a run by both of its ids [get-logs].
        """
        query = {"associatedUserId": user_id, "workflowId": workflow_id, "limit": LOGS_PAGE_LIMIT}
        return list(self._one(AccountLog, "GET", "/logs", query=query).notifications)

    def workflow_errors(
        self, *, workflow_id: str, user_id: str | None = None
    ) -> list[WorkflowError]:
        """Return the failures of a workflow: one user's, or all [get-workflow-errors]."""
        route, query = "/workflows/{workflow_id}/errors", {"userId": user_id}
        return self._many(WorkflowError, "GET", route, query=query, workflow_id=workflow_id)

    def rerun(self, *, workflow_id: str, execution_id: str, user_id: str) -> Rerun:
        """Run an execution again [rerun-workflow]. Raises ``NotFound`` once Alloy deleted it."""
        route = "/workflows/{workflow_id}/rerun/{execution_id}"
        ids = {"workflow_id": workflow_id, "execution_id": execution_id}
        return self._one(Rerun, "POST", route, query={"userId": user_id}, **ids)

    # Accounts that users connected; their secrets stay with Alloy

    def list_credentials(self, *, user_id: str) -> list[Credential]:
        """Return a user's credentials for all apps [list-user-credentials]."""
        return self._many(Credential, "GET", "/users/{user_id}/credentials", user_id=user_id)

    def delete_credential(self, *, user_id: str, credential_id: str) -> None:
        """Delete one credential [delete-credential]. Raises ``NotFound``.

        Workflows that use it stop working.
        """
        route = "/users/{user_id}/credentials/{credential_id}"
        self._do(Deleted, "DELETE", route, user_id=user_id, credential_id=credential_id)


def _new_user(username: str, full_name: str) -> dict[str, str]:
    return {"username": username, "fullName": full_name} if full_name else {"username": username}
