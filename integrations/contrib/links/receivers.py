"""Connects this part to the core: it notices when links were used, and exports its rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.dispatch import receiver

from integrations import signals
from integrations.alloy import Integration
from integrations.contrib.links import services
from integrations.contrib.links.models import InstallLink
from integrations.models import AlloyUser


@receiver(signals.installation_changed)
def an_installation_uses_links(
    alloy_user: AlloyUser, integration_id: str, at: datetime, **_: Any
) -> None:
    """Mark the links that the installation may have come by."""
    services.links_were_used(alloy_user, integration_id=integration_id, at=at)


@receiver(signals.integrations_read)
def what_is_installed_uses_links(
    alloy_user: AlloyUser, integrations: Sequence[Integration], at: datetime, **_: Any
) -> None:
    """Mark the links to what was not installed when they were made, and is now."""
    services.links_seen_installed(alloy_user, integrations, asked_at=at)


@receiver(signals.tenant_exported)
def export(tenant: Any, **_: Any) -> dict[str, QuerySet[Any]]:
    """Return the links that were made for the tenant."""
    links = InstallLink.objects.filter(tenant=tenant)
    return {"install_links": links.values("name", "created_at", "expires_at", "used_at")}
