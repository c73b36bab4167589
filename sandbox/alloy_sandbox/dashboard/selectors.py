"""What the dashboard's pages read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Model, Prefetch, Q, QuerySet

from alloy_sandbox.core.models import (
    Account,
    ApiRequest,
    Installation,
    Integration,
    StoreOrder,
    User,
    WebhookDelivery,
    Workflow,
)

ROWS_ON_A_PAGE = 50


@dataclass(frozen=True)
class Page:
    """Some rows, newest first; `older` is the key to pass as `before` for those after them."""

    rows: list[Any]
    older: int | None


def newest_first(rows: QuerySet[Any], before: str | None) -> Page:
    """Return a page of rows below the key `before`: its cost does not grow with the table."""
    if before and before.isdecimal():
        rows = rows.filter(pk__lt=int(before[:18]))
    found: list[Model] = list(rows.order_by("-pk")[: ROWS_ON_A_PAGE + 1])
    shown = found[:ROWS_ON_A_PAGE]
    return Page(shown, shown[-1].pk if len(found) > ROWS_ON_A_PAGE else None)


def totals() -> dict[str, int]:
    """Return how much there is of everything."""
    return {
        "users": User.objects.count(),
        "installations": Installation.objects.count(),
        "orders": StoreOrder.objects.count(),
        "accounts": Account.objects.count(),
        "requests": ApiRequest.objects.count(),
        "webhooks": WebhookDelivery.objects.count(),
    }


def catalogue() -> QuerySet[Integration]:
    """Return every integration with its workflows, their releases and how many have each."""
    workflows = Workflow.objects.annotate(copies=Count("installations"))
    return Integration.objects.prefetch_related(
        Prefetch("workflows", workflows.order_by("position").prefetch_related("releases"))
    )


def users(words: str) -> QuerySet[User]:
    """Return the newest users that the words are in, with how much each has installed."""
    newest_first = ("-created_at", "-pk")
    shown = _shown(words, *newest_first).annotate(
        workflows=Count("installations", distinct=True),
        paused=Count("installations", filter=Q(installations__active=False), distinct=True),
        apps=Count("installations__workflow__integration", distinct=True),
    )
    return shown.order_by(*newest_first)


def _shown(words: str, *order: Any) -> QuerySet[User]:
    """Return the first users in that order: chosen before they are counted, there may be many."""
    meant = Q(username__icontains=words) | Q(full_name__icontains=words) | Q(pk=words)
    first = User.objects.filter(meant if words else Q()).order_by(*order)[:ROWS_ON_A_PAGE]
    return User.objects.filter(pk__in=first.values("pk"))


@dataclass(frozen=True)
class WorkflowOfUser:
    """A workflow as one user has it; `installation` is None when they have not."""

    workflow: Workflow
    installation: Installation | None

    @property
    def is_outdated(self) -> bool:
        return bool(
            self.installation and self.installation.installed_version < self.workflow.version
        )


@dataclass(frozen=True)
class IntegrationOfUser:
    """An integration as one user has it."""

    integration: Integration
    workflows: list[WorkflowOfUser]

    @property
    def is_used(self) -> bool:
        return any(each.installation for each in self.workflows)

    @property
    def offer(self) -> str:
        """What going through the modal would do: install, update, or nothing new."""
        if not all(each.installation for each in self.workflows):
            return "Install"
        return "Update" if any(each.is_outdated for each in self.workflows) else ""


def integrations_of(user: User) -> list[IntegrationOfUser]:
    """Return every integration with the user's copies; the ones they use come first."""
    copies = {copy.workflow_id: copy for copy in user.installations.all()}
    rows = [
        IntegrationOfUser(
            integration,
            [WorkflowOfUser(each, copies.get(each.pk)) for each in integration.workflows.all()],
        )
        for integration in catalogue()
    ]
    return sorted(rows, key=lambda row: not row.is_used)


def shopkeepers(words: str) -> QuerySet[User]:
    """Return the users that the words are in, with what their stores hold; those in use first."""
    in_use_first = (F("store").desc(nulls_last=True), "-created_at", "-pk")
    shown = _shown(words, *in_use_first).annotate(
        order_count=Count("store__orders"), last_order_at=Max("store__orders__created_at")
    )
    return shown.order_by(*in_use_first)
