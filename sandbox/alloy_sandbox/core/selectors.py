"""Finding things by the ids that Alloy accepts for them. All raise `NotFound`."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from alloy_sandbox.core.environments import environment
from alloy_sandbox.core.errors import NotFound
from alloy_sandbox.core.models import Installation, Integration, User, Workflow


def all_users() -> QuerySet[User]:
    """Return the users of the key's environment; those of every one for a call without a key."""
    here = environment()
    return User.objects.filter(environment=here) if here else User.objects.all()


def find_user(identifier: str) -> User:
    """Return the user with this id or, as everywhere at Alloy, this username."""
    users = all_users()
    user = users.filter(pk=identifier).first()
    user = user or users.filter(username=identifier).first()
    if user is None:
        raise NotFound("User")
    return user


def find_integration(identifier: str) -> Integration:
    """Return the integration with this id, or with this name as shown to users."""
    integration = Integration.objects.filter(Q(pk=identifier) | Q(app=identifier)).first()
    if integration is None:
        raise NotFound("Integration")
    return integration


def find_app(name: str) -> Integration:
    """Return the integration whose app is called so, inside Alloy ("shopify") or by its users."""
    integration = Integration.objects.filter(Q(connector=name) | Q(app=name)).first()
    if integration is None:
        raise NotFound("App")
    return integration


def find_workflow(identifier: str) -> Workflow:
    """Return the parent workflow with this id; a user's copy of it has an id that does as well."""
    workflow = (
        Workflow.objects.filter(Q(pk=identifier) | Q(installations__pk=identifier))
        .select_related("integration")
        .first()
    )
    if workflow is None:
        raise NotFound("Workflow")
    return workflow


def find_workflow_by_name(name: str) -> Workflow:
    workflow = Workflow.objects.filter(name=name).select_related("integration").first()
    if workflow is None:
        raise NotFound("Workflow")
    return workflow


def find_installation(user: User, workflow: Workflow) -> Installation:
    """Return the user's copy of the workflow."""
    installation = Installation.objects.filter(user=user, workflow=workflow).first()
    if installation is None:
        raise NotFound("Installed workflow")
    return installation
