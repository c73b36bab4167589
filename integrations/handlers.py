"""What each kind of outbox message becomes at Alloy."""

from __future__ import annotations

from integrations.client import alloy
from integrations.models import AlloyUser, Message
from integrations.outbox.handlers import delivers
from integrations.tenants import create_at_alloy, noticing_its_loss, ready_alloy_user_of


@delivers("provision")
def create_alloy_user(message: Message) -> None:
    """Create the tenant's Alloy user: `POST /users`."""
    alloy_user = AlloyUser.objects.filter(
        pk=message.payload.get("alloy_user"), tenant__isnull=False
    ).first()
    if alloy_user is not None:
        create_at_alloy(alloy_user)


@delivers("event", latest_wins=True)
def run_event(message: Message) -> None:
    """Fire a custom event for the tenant's installed workflows: `POST /run/event`."""
    if message.tenant is None:
        return  # the tenant was erased; there is nobody left to tell
    alloy_user = ready_alloy_user_of(message.tenant)
    with noticing_its_loss(alloy_user):
        alloy().run_event(
            event=message.name,
            user_id=alloy_user.user_id,
            data=message.payload,
            idempotency_key=str(message.uid),
        )
