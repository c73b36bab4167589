"""How far a tenant has come: what another app may want to show of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from integrations.models import IntegrationsSnapshot
from integrations.pages.snapshots import integrations_in, snapshot_of
from integrations.tenants import alloy_user_of


@dataclass(frozen=True)
class Standing:
    """`ready`: the Alloy user exists. `connected`: at least one integration is installed."""

    ready: bool
    connected: bool = False


def standing_of(tenant: models.Model, *, ask_alloy: bool = True) -> Standing:
    """Return how far the tenant has come; without `ask_alloy` as far as the stored copy tells."""
    alloy_user = alloy_user_of(tenant)
    if not alloy_user.is_ready:
        return Standing(ready=False)
    stored = IntegrationsSnapshot.objects.filter(alloy_user=alloy_user).first()
    snapshot = snapshot_of(alloy_user) if ask_alloy else stored
    found = integrations_in(snapshot) if snapshot else []
    return Standing(ready=True, connected=any(each.installed_workflows for each in found))
