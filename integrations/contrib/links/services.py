"""Makes Alloy Links, notices that they were used, and exports them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.dispatch import receiver
from django.utils import timezone

from integrations import signals
from integrations.alloy import Integration
from integrations.client import alloy_for_click
from integrations.contrib.links.models import InstallLink
from integrations.models import AlloyUser

LIFETIME = timedelta(days=7)
"""How long an Alloy Link works; Alloy lets you change it in its own dashboard."""


def link_make(
    *, alloy_user: AlloyUser, integration: Integration, created_by: Any
) -> tuple[InstallLink, str]:
    """Make a link for a tenant; return its row and its URL. Raises `AlloyError`.

    Whoever holds the URL can act as the tenant at Alloy: show it once, keep it nowhere.
    """
    made = alloy_for_click().install_link(
        integration_id=integration.integration_id, user_id=alloy_user.user_id
    )
    tenant: Any = alloy_user.tenant
    link = InstallLink.objects.create(
        tenant=tenant,
        environment=alloy_user.environment,
        integration_id=integration.integration_id,
        name=integration.app,
        created_by=created_by,
        was_installed=bool(integration.installed_workflows),
        expires_at=timezone.now() + LIFETIME,
    )
    return link, made.url.get_secret_value()


@receiver(signals.installation_changed)
def links_were_used(alloy_user: AlloyUser, integration_id: str, at: datetime, **_: Any) -> None:
    """Mark the links that were there when the webhook first came.

    An installation ends every link to it that still worked. The webhook does not name the link,
    and the same body may come again much later: that a younger link was used is then known from
    Alloy's own answer.
    """
    _pending(alloy_user.tenant_id, alloy_user.environment, at=at).filter(
        integration_id=integration_id
    ).update(used_at=at)


@receiver(signals.integrations_read)
def links_seen_installed(
    alloy_user: AlloyUser, integrations: Sequence[Integration], at: datetime, **_: Any
) -> None:
    """Mark links whose integration Alloy says is installed now and was not when they were made."""
    installed = [each.integration_id for each in integrations if each.installed_workflows]
    _pending(alloy_user.tenant_id, alloy_user.environment, at=at).filter(
        integration_id__in=installed, was_installed=False
    ).update(used_at=at)


@receiver(signals.tenant_exported)
def export(tenant: Any, **_: Any) -> dict[str, QuerySet[Any]]:
    """Return the links that were made for the tenant."""
    links = InstallLink.objects.filter(tenant=tenant)
    return {"install_links": links.values("name", "created_at", "expires_at", "used_at")}


def _pending(tenant_id: Any, environment: str, *, at: datetime) -> QuerySet[InstallLink]:
    """Return the tenant's links that could be used at that moment."""
    return InstallLink.objects.filter(
        tenant=tenant_id,
        environment=environment,
        used_at=None,
        created_at__lte=at,
        expires_at__gt=at,
    )
