"""Fires a published event for the tenant's installed workflows: `POST /run/event`."""

from __future__ import annotations

from integrations.alloy import NotFound, Refused
from integrations.client import alloy
from integrations.handlers import delivers
from integrations.models import Message
from integrations.provisioning import noticing_its_loss, ready_alloy_user_of, user_id_of


@delivers("event", latest_wins=True)
def run_event(message: Message) -> None:
    """Fire the event. Where Alloy knows the tenant no more, it waits for the new Alloy user."""
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
            raise  # again, for the loss to be noticed: what goes well costs no look
