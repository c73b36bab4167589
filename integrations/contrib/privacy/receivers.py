"""Connects this part to the core: a tenant's row is deleted, by whomever and however."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from integrations import conf, signals
from integrations.contrib.privacy import services
from integrations.models import AlloyUser


@receiver(signals.tenant_erased)
def erase_at_alloy_too(tenant: Any, alloy_users: Sequence[AlloyUser], **_: Any) -> None:
    """Erase the tenant at Alloy, where the settings ask for that.

    Not by itself: whoever shares a key with another project, or deletes a row to try something,
    would lose somebody's connected stores by it.
    """
    if conf.read().DELETE_AT_ALLOY:
        services.erase_at_alloy(tenant, alloy_users, requested_by=services.Requester.OPERATOR)
