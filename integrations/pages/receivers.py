"""Processes the installation webhook: the tenant's integrations are read again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from django.utils import timezone
from pydantic import BeforeValidator, Field

from integrations import signals
from integrations.alloy.models import Answered
from integrations.inbox import Received, receives
from integrations.models import AlloyUser, Delivery
from integrations.pages.snapshots import mark_outdated


class Installation(Answered):
    """A tenant finished installing an integration [integration-installation-webhook]."""

    user_id: str = Field(min_length=1, max_length=64)
    integration_id: str = Field(pattern="^[!-~]{1,64}$")
    # Whatever is not a no is a yes: it only has the page look.
    success: Annotated[bool, BeforeValidator(lambda it: str(it).lower() not in ("false", "0"))] = (
        True
    )


@receives(Delivery.Kind.INSTALLATION, Installation)
def installations_finished(received: Sequence[Received[Installation]]) -> None:
    """Have the tenants' integrations read again: the webhook is only a hint that they changed."""
    for each in received:
        alloy_user = AlloyUser.objects.get(
            environment=each.delivery.environment, tenant=each.delivery.tenant_id
        )
        mark_outdated(alloy_user)
        if each.body.success:
            signals.installation_changed.send(
                sender=None,
                alloy_user=alloy_user,
                integration_id=each.body.integration_id,
                at=each.delivery.received_at,
                last_at=_last_came(each.delivery),
            )


def _last_came(delivery: Delivery) -> datetime:
    """Return when it came last: connecting the same account again sends the same body again."""
    return timezone.now() if delivery.times_received > 1 else delivery.received_at
