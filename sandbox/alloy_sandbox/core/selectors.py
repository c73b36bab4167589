"""Finds things by the ids that Alloy accepts for them. All raise `NotFound`."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from alloy_sandbox.core.errors import NotFound
from alloy_sandbox.core.models import Installation, Integration, User, Workflow

Row = TypeVar("Row", bound=Model)


def find(thing: str, rows: QuerySet[Row], *wanted: Q, **exactly: Any) -> Row:
    """Return the first of the rows that is meant; `thing` is what the refusal calls it."""
    found = rows.filter(*wanted, **exactly).first()
    if found is None:
        raise NotFound(thing)
    return found


def find_integration(identifier: str) -> Integration:
    """Return the integration with this id, or with this name as shown to users."""
    return find("Integration", Integration.objects.all(), Q(pk=identifier) | Q(app=identifier))


def find_app(name: str) -> Integration:
    """Return the integration whose app is called so, inside Alloy ("shopify") or by its users."""
    return find("App", Integration.objects.all(), Q(connector=name) | Q(app=name))


def find_workflow(identifier: str) -> Workflow:
    """Return the parent workflow with this id; a user's copy of it has an id that does as well."""
    workflows = Workflow.objects.select_related("integration")
    return find("Workflow", workflows, Q(pk=identifier) | Q(installations__pk=identifier))


def find_installation(user: User, workflow: Workflow) -> Installation:
    """Return the user's copy of the workflow."""
    return find("Installed workflow", Installation.objects.all(), user=user, workflow=workflow)
