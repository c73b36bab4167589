"""Finds tenants that have no Alloy user in the current environment: bulk inserts, a changed key."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, QuerySet

from integrations import conf
from integrations.models import AlloyUser
from integrations.tenants import provision


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
    return len(tenants)
