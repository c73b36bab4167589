"""What was asked to be erased, and all that would be: the export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from integrations import conf
from integrations.models import (
    AlloyUser,
    Attempt,
    Connection,
    Delivery,
    Erasure,
    FailureSubject,
    InstallLink,
    IntegrationsSnapshot,
    Message,
    Rerun,
    WorkflowFailure,
)
from integrations.tenants import alloy_user_of, provisioning_group

AT_ONCE = 500
WHAT = {Erasure.Scope.LOGS.value: "Your logs", Erasure.Scope.ACCOUNT.value: "Your account"}
SHOWN = 5


@dataclass(frozen=True)
class Progress:
    """How far an erasure is; `trouble` is why Alloy has not done it yet."""

    what: str
    requested_at: datetime
    finished_at: datetime | None
    trouble: str


def erasures_of(tenant: Any) -> models.QuerySet[Erasure]:
    """Return what was asked to be erased for the tenant, the latest first."""
    return Erasure.objects.filter(
        tenant_key=str(tenant.pk), environment=conf.environment()
    ).order_by("-pk")


def progress_of(tenant: Any) -> list[Progress]:
    """Return how far the tenant's latest erasures are."""
    return [
        Progress(
            what=WHAT[erasure.scope],
            requested_at=erasure.requested_at,
            finished_at=erasure.finished_at,
            trouble="" if erasure.finished_at else _trouble(tenant),
        )
        for erasure in erasures_of(tenant)[:SHOWN]
    ]


def export_of(tenant: Any) -> dict[str, Iterator[dict[str, Any]]]:
    """Return all this app holds of a tenant, by section; each row is plain JSON, read lazily."""
    mine = {"tenant": tenant}
    return {
        "alloy_users": _rows(
            AlloyUser.objects.filter(**mine),
            *("username", "full_name", "user_id", "created_at", "provisioned_at"),
        ),
        "integrations": _rows(
            IntegrationsSnapshot.objects.filter(alloy_user__tenant=tenant), *("data", "fetched_at")
        ),
        "messages": _rows(
            Message.objects.filter(**mine),
            *("uid", "kind", "name", "payload", "state", "created_at", "settled_at", "last_error"),
        ),
        "attempts": _rows(
            Attempt.objects.filter(message__tenant=tenant).order_by("pk"),
            *("message__uid", "number", "outcome", "status", "error", "started_at"),
        ),
        "deliveries": _rows(
            Delivery.objects.filter(**mine),
            *("kind", "body", "state", "times_received", "received_at", "processed_at"),
        ),
        "failures": _rows(
            WorkflowFailure.objects.filter(**mine),
            *("workflow_id", "block", "message", "count", "first_seen_at", "last_seen_at"),
        ),
        "failure_subjects": _rows(
            FailureSubject.objects.filter(failure__tenant=tenant), *("failure__message", "subject")
        ),
        "reruns": _rows(
            Rerun.objects.filter(**mine), *("execution_id", "new_execution_id", "asked_at")
        ),
        "connections": _rows(
            Connection.objects.filter(**mine),
            *("connector", "name", "credential_id", "created_at", "gone_at", "last_error"),
        ),
        "install_links": _rows(
            InstallLink.objects.filter(**mine), *("name", "created_at", "expires_at", "used_at")
        ),
        "erasures": _rows(
            erasures_of(tenant), *("scope", "requested_by", "requested_at", "finished_at")
        ),
    }


def _rows(rows: models.QuerySet[Any], *fields: str) -> Iterator[dict[str, Any]]:
    ordered = rows.order_by("pk").values(*fields)
    return iter(ordered.iterator(chunk_size=AT_ONCE))


def _trouble(tenant: Any) -> str:
    # By way of its group, which is short: a tenant may have a million messages.
    waiting = Message.objects.filter(
        group__environment=conf.environment(),
        group__key=provisioning_group(alloy_user_of(tenant)),
        kind="erase_logs",
        state__in=(Message.State.WAITING, Message.State.DEAD),
    )
    return waiting.values_list("last_error", flat=True).first() or ""
