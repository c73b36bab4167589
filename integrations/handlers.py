"""What each kind of outbox message becomes at Alloy."""

from __future__ import annotations

from integrations.alloy import NotFound, Refused
from integrations.client import alloy
from integrations.models import AlloyUser, Message
from integrations.outbox import delivers
from integrations.tenants import (
    create_at_alloy,
    noticing_its_loss,
    ready_alloy_user_of,
    user_id_of,
)


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
    user_id = message.user_id or (message.tenant and user_id_of(message.tenant))
    if not user_id:
        return  # the tenant was erased; there is nobody left to tell
    try:
        alloy().run_event(
            event=message.name,
            user_id=user_id,
            data=message.payload,
            idempotency_key=str(message.uid),
        )
    except (NotFound, Refused):
        if message.tenant is None:
            raise
        with noticing_its_loss(ready_alloy_user_of(message.tenant)):
            raise
