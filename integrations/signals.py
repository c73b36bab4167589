"""The hooks of this app: what happened here that other apps may act upon.

    @receiver(signals.tenant_provisioned)
    def greet(sender, *, alloy_user, **_): ...

Receivers run where the signal is sent, most of them within a transaction: whatever they write
commits or rolls back with it. They must not call the network; leave that to the outbox.
"""

from __future__ import annotations

from typing import Any

from django.dispatch import Signal

tenant_provisioned = Signal()
"""A tenant has its Alloy user. `alloy_user`. In the transaction that stores the userId."""

tenant_erased = Signal()
"""A tenant is about to be deleted here. `tenant`, `alloy_users`: its Alloy users, one for each
environment, which are parted from it already. In the transaction that deletes the tenant."""

tenant_exported = Signal()
"""Somebody asks for everything held of a tenant. `tenant`. Receivers return {section: rows},
the rows as `QuerySet.values()`."""

logs_erased = Signal()
"""A tenant's logs are erased. `tenant`. In the transaction that has them erased at Alloy."""

installation_changed = Signal()
"""Alloy's webhook says that an installation has finished. `alloy_user`, `integration_id`, `at`:
when the webhook first came, and `last_at`: when it came last. In the transaction that processes it,
which may run twice."""

integrations_read = Signal()
"""A tenant's integrations were read from Alloy. `alloy_user`, `integrations`, `at`: when Alloy was
asked. A receiver that fails is logged and stops nothing."""

failures_wanted = Signal()
"""A page asks what fails in a tenant's workflows. `alloy_user`, `integrations`. Receivers return a
list of `health.Failure`, the latest first; one that fails is logged and left out."""

services_wanted = Signal()
"""The catalogue is shown. `tenant`, `refresh`: even what is fresh is to be read again. Receivers
return `catalogue.Services`: what else the tenant can connect. One that fails is logged."""

work_wanted = Signal()
"""The catalogue is shown. `tenant`, `integrations`, `latest`: say when, too. Receivers return a
list of `catalogue.Work`: what is done with which of them. One that fails is logged."""

event_results_wanted = Signal()
"""A page asks for the results of events. `uids`: of messages that Alloy took. Receivers return
{uid: list of `event_results.EventResult`}; one that fails is logged and left out."""

event_results_awaited = Signal()
"""Somebody waits for the results of a tenant's latest events. `tenant`. Receivers have them read
soon, at a bounded cost however often this is sent."""

subjects_shown = Signal()
"""Runs are shown that were about something, say orders. `tenant`, `subjects`: their numbers.
Receivers return {subject: (label, URL)} for those that have a page; one that fails is left out."""

account_connected = Signal()
"""A tenant has connected an account at a service. `connection`. In the transaction that stores it.
Sent by `integrations.contrib.connectivity`."""

message_settled = Signal()
"""A message of the outbox was delivered, became a dead letter, or was discarded. `message`. In the
transaction that settles it."""

maintenance = Signal()
"""A minute has passed: receivers do what is due. `before`: what was done earlier may be deleted. A
receiver that fails is logged and stops nothing."""


def answers(signal: Signal, **about: Any) -> list[Any]:
    """Return what the receivers answer; one that fails is logged by Django and left out."""
    found = signal.send_robust(sender=None, **about)
    return [each for _, each in found if each is not None and not isinstance(each, Exception)]
