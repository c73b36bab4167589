"""What the pages read: of every list one page, however many rows there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, Max, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest

from alloy_sandbox.connectivity.connectors import connectors
from alloy_sandbox.core.api import Json
from alloy_sandbox.core.models import (
    Account,
    ApiRequest,
    Installation,
    Integration,
    StoreOrder,
    User,
    WebhookAttempt,
    WebhookDelivery,
    Workflow,
)
from alloy_sandbox.dashboard.frame import words_of

ROWS = 50
CARDS = 12


def one_page(
    request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], size: int = ROWS
) -> Page[Any]:
    """Return the page of the rows that `?page=` names: the nearest one if there is none such."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


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


def integrations(request: HttpRequest) -> QuerySet[Integration]:
    """Return the integrations that the words are in, with their workflows and releases."""
    words = words_of(request)
    meant = Q(app__icontains=words) | Q(category__icontains=words) | Q(pk=words)
    named = Workflow.objects.filter(
        Q(name__icontains=words) | Q(pk=words), integration=OuterRef("pk")
    )
    workflows = Workflow.objects.annotate(copies=Count("installations")).order_by("position")
    return Integration.objects.filter(meant | Exists(named)).prefetch_related(
        Prefetch("workflows", workflows.prefetch_related("releases"))
    )


def users(request: HttpRequest) -> Page[User]:
    """Return users, the newest first, with how much each has installed."""
    return _counted(
        one_page(request, _named(words_of(request)).order_by("-created_at", "-pk")),
        workflows=Count("installations", distinct=True),
        paused=Count("installations", filter=Q(installations__active=False), distinct=True),
        apps=Count("installations__workflow__integration", distinct=True),
    )


def shopkeepers(request: HttpRequest) -> Page[User]:
    """Return users with what their stores hold; the last used come first."""
    last = StoreOrder.objects.filter(user=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    named = _named(words_of(request)).annotate(last_order=last)
    last_used_first = (F("last_order").desc(nulls_last=True), "-created_at", "-pk")
    return _counted(
        one_page(request, named.order_by(*last_used_first)),
        order_count=Count("orders"),
        last_order_at=Max("orders__created_at"),
    )


def _named(words: str) -> QuerySet[User]:
    meant = Q(username__icontains=words) | Q(full_name__icontains=words) | Q(pk=words)
    return User.objects.filter(meant if words else Q())


def _counted(rows: Page[User], **counted: Any) -> Page[User]:
    """Annotate the users of one page: counting for all of them would take long."""
    keys = [user.pk for user in rows]
    found = User.objects.filter(pk__in=keys).annotate(**counted)
    rows.object_list = sorted(found, key=lambda user: keys.index(user.pk))
    return rows


def requests(request: HttpRequest) -> Page[ApiRequest]:
    """Return the API calls whose path the words are in, the newest first."""
    found = ApiRequest.objects.filter(path__contains=words_of(request))
    return one_page(request, found.order_by("-pk"))


def webhooks(request: HttpRequest) -> Page[WebhookDelivery]:
    """Return the webhooks of a kind, or to an address that the words are in, the newest first."""
    words = words_of(request)
    found = WebhookDelivery.objects.filter(Q(kind=words.lower()) | Q(url__contains=words))
    rows = one_page(request, found.order_by("-pk"))
    counted = WebhookAttempt.objects.filter(delivery__in=[each.pk for each in rows])
    attempts = dict(counted.values_list("delivery").annotate(Count("pk")).order_by())
    for each in rows:
        each.attempt_count = attempts.get(each.pk, 0)
    return rows


def accounts(request: HttpRequest) -> Page[Account]:
    """Return the accounts, the newest first, each with how many credentials still open it."""
    words, known = words_of(request), connectors()
    meant = Q(name__icontains=words) | Q(connector__icontains=words)
    found = Account.objects.filter(meant | Q(user__username__icontains=words), connector__in=known)
    opened = found.select_related("user").annotate(open_by=Count("credentials"))
    rows = one_page(request, opened.order_by("-created_at", "-pk"))
    for each in rows:
        each.service = known[each.connector]
    return rows


@dataclass(frozen=True)
class WorkflowOfUser:
    """A workflow as one user has it; `installation` is None when they have not."""

    workflow: Workflow
    installation: Installation | None

    @property
    def is_outdated(self) -> bool:
        copy = self.installation
        return copy is not None and copy.installed_version < self.workflow.version


def integrations_of(user: User, request: HttpRequest) -> Page[Json]:
    """Return integrations with the user's copies; the ones they use come first.

    Each has an `offer`: what going through the modal would do, "Install", "Update" or "" for
    nothing new.
    """
    copies = {copy.workflow_id: copy for copy in user.installations.all()}
    used = Installation.objects.filter(user=user, workflow__integration=OuterRef("pk"))
    used_first = integrations(request).order_by(Exists(used).desc(), "position")
    rows = one_page(request, used_first, CARDS)
    listed = []
    for integration in rows:
        mine = [WorkflowOfUser(each, copies.get(each.pk)) for each in integration.workflows.all()]
        lacks = not all(each.installation for each in mine)
        offer = "Install" if lacks else "Update" if any(each.is_outdated for each in mine) else ""
        listed.append({"integration": integration, "workflows": mine, "offer": offer})
    rows.object_list = listed
    return rows
