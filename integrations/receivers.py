"""What the installation webhook does. Other apps take other kinds of delivery with `receives`."""

from __future__ import annotations

from integrations.inbox.payloads import Installation
from integrations.inbox.registry import receives
from integrations.models import AlloyUser, Delivery
from integrations.signals import installation_changed
from integrations.snapshots import something_changed


@receives(Delivery.Kind.INSTALLATION, Installation, repeatable=True)
def installation_finished(delivery: Delivery, installation: Installation) -> None:
    """Have the tenant's integrations read anew; the webhook is a hint, Alloy's answer the truth."""
    alloy_users = AlloyUser.objects.filter(environment=delivery.environment)
    alloy_user = alloy_users.get(user_id=installation.user_id)
    something_changed(alloy_user)
    if installation.success:
        installation_changed.send(
            sender=None,
            alloy_user=alloy_user,
            integration_id=installation.integration_id,
            at=delivery.received_at,
        )
