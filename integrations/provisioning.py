"""Finds tenants whose Alloy user nobody asked for: bulk inserts, a changed key, a killed run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from integrations import conf
from integrations.models import AlloyUser, MessageGroup
from integrations.tenants import have_created, provision

_LONG_ENOUGH = timedelta(hours=1)
"""Whoever makes rows by the thousand has asked for all of them by then."""


def tenants_without_alloy_user() -> QuerySet[Any]:
    """Return the tenants that nobody has asked an Alloy user for, in this environment."""
    known = AlloyUser.objects.filter(tenant=OuterRef("pk"), environment=conf.environment())
    tenants: QuerySet[Any] = apps.get_model(conf.tenant_model())._default_manager.all()
    return tenants.filter(~Exists(known)).order_by("pk")


def provision_some_missing(*, limit: int = 500) -> int:
    """Ask for the Alloy users of up to `limit` such tenants; return how many there were."""
    tenants = list(tenants_without_alloy_user()[:limit])
    for tenant in tenants:
        provision(tenant=tenant)
    for alloy_user in _nobody_asked_for()[:limit]:
        with transaction.atomic():
            have_created(alloy_user)
    return len(tenants)


def _nobody_asked_for() -> QuerySet[AlloyUser]:
    """Return the rows that wait for an Alloy user, and for which the outbox has no message."""
    rows = AlloyUser.objects.filter(
        environment=conf.environment(),
        user_id="",
        tenant__isnull=False,
        created_at__lt=timezone.now() - _LONG_ENOUGH,
    ).annotate(
        group_key=Concat(Value("alloy-user:"), Cast(F("pk"), CharField()), output_field=CharField())
    )
    asked = MessageGroup.objects.filter(
        environment=OuterRef("environment"), key=OuterRef("group_key")
    )
    return rows.filter(~Exists(asked)).select_related("tenant").order_by("pk")
