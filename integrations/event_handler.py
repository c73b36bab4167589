"""Runs a published event at Alloy, for the tenant's installed workflows."""

from __future__ import annotations

from integrations.alloy import NotFound, Refused
from integrations.client import alloy
from integrations.models import Message
from integrations.outbox import delivers
from integrations.tenants.provisioning import ready_alloy_user_of, recreated_if_gone, user_id_of


@delivers("event", latest_wins=True)
def run_event(message: Message) -> None:
    """Run the event for the tenant's installed workflows [run-event].

    If Alloy lost the tenant's user, the message waits until there is a new one.
    """
    user_id = message.user_id or (message.tenant and user_id_of(message.tenant))
    if not user_id:
        return  # the tenant was erased, so there is nobody to run it for
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
        with recreated_if_gone(ready_alloy_user_of(message.tenant)):
            raise  # only now, so that an event that succeeds needs no second query
