"""Endpoints about integrations and workflows, each as one user sees them.

``workflow_id`` is the id that ``list_integrations`` gives: that of the template, not of a user's
installation of it. ``user_id`` may be a username.
"""

from __future__ import annotations

import re

from integrations.alloy.embedded.base import Endpoints
from integrations.alloy.errors import Refused, UpgradeRefused
from integrations.alloy.models import (
    Acknowledgement,
    Activated,
    Deleted,
    InstallLink,
    Integration,
    Upgrade,
    Workflow,
    WorkflowVersion,
)
from integrations.alloy.parsing import one

_NEW_FIELDS = re.compile(r"field|configur|re-?install|modal", re.IGNORECASE)


class Integrations(Endpoints):
    """Read integrations; install them by link; run, pause, upgrade and remove their workflows."""

    def list_integrations(self, *, user_id: str) -> list[Integration]:
        """Return every released integration, with this user's state of each."""
        return self._many(Integration, "GET", "/integrations", query={"userId": user_id})

    def get_integration(self, *, integration_id: str, user_id: str) -> Integration:
        """Return one integration, found by its id or its display name. Raises ``NotFound``."""
        route, path = "/integrations/{integration_id}", {"integration_id": integration_id}
        return self._one(Integration, "GET", route, path=path, query={"userId": user_id})

    def install_link(self, *, integration_id: str, user_id: str) -> InstallLink:
        """Return an Alloy Link: a page that installs the integration for this user, once."""
        route = "/users/{user_id}/integrations/{integration_id}/install-url"
        path = {"user_id": user_id, "integration_id": integration_id}
        return self._one(InstallLink, "GET", route, path=path)

    def list_workflows(self, *, user_id: str) -> list[Workflow]:
        """Return every workflow, with this user's state of each."""
        return self._many(Workflow, "GET", "/workflows", query={"userId": user_id})

    def get_workflow(self, *, workflow_id: str, user_id: str) -> Workflow:
        """Return one workflow. Raises ``NotFound``."""
        route, path = "/workflows/{workflow_id}", {"workflow_id": workflow_id}
        return self._one(Workflow, "GET", route, path=path, query={"userId": user_id})

    def workflow_versions(self, *, workflow_id: str, user_id: str) -> list[WorkflowVersion]:
        """Return the versions of a workflow, drafts among them."""
        route, path = "/workflows/{workflow_id}/versions", {"workflow_id": workflow_id}
        return self._many(WorkflowVersion, "GET", route, path=path, query={"userId": user_id})

    def activate(self, *, workflow_id: str, user_id: str) -> None:
        """Let an installed workflow run (again)."""
        body = {"userId": user_id, "workflowId": workflow_id}
        self._do(Activated, "PUT", "/workflows/activate", body=body)

    def deactivate(self, *, workflow_id: str, user_id: str) -> None:
        """Pause an installed workflow: its triggers no longer fire."""
        body = {"userId": user_id, "workflowId": workflow_id}
        self._do(Acknowledgement, "PUT", "/workflows/deactivate", body=body)

    def deactivate_all(self, *, user_id: str) -> None:
        """Pause all of a user's workflows."""
        route = "/users/{user_id}/deactivate-workflows"
        self._do(Acknowledgement, "PUT", route, path={"user_id": user_id})

    def upgrade(self, *, workflow_id: str, user_id: str) -> Upgrade:
        """Move a user's installation to the newest released version.

        Raises ``UpgradeRefused`` where that version asks the user for fields the old one did not:
        then only a reinstall through the modal helps. Alloy documents the refusal but not how it
        is answered, so every way to say no counts.
        """
        route, path = "/workflows/{workflow_id}/upgrade", {"workflow_id": workflow_id}
        try:
            answer = self._answer("PUT", route, path=path, query={"userId": user_id})
            upgrade = one(Upgrade, answer)
        except Refused as error:
            if error.status in (400, 409, 422):
                raise error.narrowed(UpgradeRefused) from None
            raise
        if not upgrade.done and _NEW_FIELDS.search(upgrade.message):
            raise UpgradeRefused(upgrade.message, status=answer.status, detail=upgrade.message)
        return upgrade

    def delete_workflow(self, *, workflow_id: str, user_id: str) -> None:
        """Uninstall a workflow for one user. Raises ``NotFound``."""
        route, path = "/workflows/{workflow_id}", {"workflow_id": workflow_id}
        self._do(Deleted, "DELETE", route, path=path, query={"userId": user_id})
