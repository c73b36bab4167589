"""Finds what was asked to be erased, and all that would be: the export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations import conf
from integrations.contrib.privacy.models import Erasure
from integrations.models import AlloyUser, Attempt, Delivery, IntegrationsSnapshot, Message
from integrations.signals import tenant_exported
from integrations.tenants.sign_up import alloy_user_of, provisioning_group

AT_ONCE = 500
WHAT = {Erasure.Scope.LOGS.value: _("Your logs"), Erasure.Scope.ACCOUNT.value: _("Your account")}
SHOWN = 5


@dataclass(frozen=True)
class Progress:
    """The progress of an erasure; `problem` is why Alloy has not done it yet."""

    what: str
    requested_at: datetime
    finished_at: datetime | None
    problem: str


def erasures_of(tenant: Any) -> models.QuerySet[Erasure]:
    """Return what was asked to be erased for the tenant, the latest first."""
    return Erasure.objects.filter(
        tenant_key=str(tenant.pk), environment=conf.environment()
    ).order_by("-pk")


def progress_of(tenant: Any) -> list[Progress]:
    """Return how far the tenant's latest erasures are."""
    return [
        Progress(
            what=str(WHAT[erasure.scope]),
            requested_at=erasure.requested_at,
            finished_at=erasure.finished_at,
            problem="" if erasure.finished_at else _problem(tenant),
        )
        for erasure in erasures_of(tenant)[:SHOWN]
    ]


def export_of(tenant: Any) -> dict[str, Iterator[dict[str, Any]]]:
    """Return all these apps hold of a tenant, by section; each row is plain JSON, read lazily."""
    sections = _own_rows(tenant)
    answers: Any = tenant_exported.send(sender=None, tenant=tenant)
    for _receiver, rows in answers:
        sections |= rows
    return {name: _lazily(rows) for name, rows in sections.items()}


def _own_rows(tenant: Any) -> dict[str, models.QuerySet[Any]]:
    mine = {"tenant": tenant}
    return {
        "alloy_users": AlloyUser.objects.filter(**mine).values(
            "username", "full_name", "user_id", "created_at", "provisioned_at"
        ),
        "integrations": IntegrationsSnapshot.objects.filter(alloy_user__tenant=tenant).values(
            "data", "fetched_at"
        ),
        "messages": Message.objects.filter(**mine).values(
            *("uid", "kind", "name", "payload", "state", "created_at", "settled_at", "last_error")
        ),
        "attempts": Attempt.objects.filter(message__tenant=tenant).values(
            "message__uid", "number", "outcome", "status", "error", "started_at"
        ),
        "deliveries": Delivery.objects.filter(**mine).values(
            "kind", "body", "state", "times_received", "received_at", "processed_at"
        ),
        "erasures": erasures_of(tenant).values(
            "scope", "requested_by", "requested_at", "finished_at"
        ),
    }


def _lazily(rows: models.QuerySet[Any]) -> Iterator[dict[str, Any]]:
    return iter(rows.order_by("pk").iterator(chunk_size=AT_ONCE))


def _problem(tenant: Any) -> str:
    # By way of its group, which is short: a tenant may have a million messages.
    waiting = Message.objects.filter(
        group__environment=conf.environment(),
        group__key=provisioning_group(alloy_user_of(tenant)),
        kind="erase_logs",
        state__in=(Message.State.WAITING, Message.State.DEAD),
    )
    return waiting.values_list("last_error", flat=True).first() or ""
