"""Says how far a tenant has come with its integrations; other apps show it on their own pages."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model

from integrations.pages.cards import Card, cards_of
from integrations.pages.snapshots import snapshot_of, stored_snapshot_of
from integrations.tenants.sign_up import alloy_user_of


@dataclass(frozen=True)
class SetupStatus:
    """The progress of a tenant: it is `ready` once its Alloy user exists, which has `user_id`."""

    ready: bool
    user_id: str = ""
    cards: tuple[Card, ...] = ()

    @property
    def connected(self) -> list[Card]:
        """The integrations that are installed."""
        return [card for card in self.cards if card.integration.installed_workflows]

    @property
    def sources(self) -> list[Card]:
        """Those of the connected that send us what happens there, such as orders."""
        return [card for card in self.connected if card.sends_to_us]

    @property
    def unwell(self) -> list[Card]:
        """The integrations that do not run as the tenant counts on."""
        return [card for card in self.cards if card.health.is_unwell]


def setup_status_of(tenant: Model, *, ask_alloy: bool = True) -> SetupStatus:
    """Return how far the tenant has come; without `ask_alloy` as far as the stored copy tells."""
    alloy_user = alloy_user_of(tenant)
    if not alloy_user.is_ready:
        return SetupStatus(ready=False)
    snapshot = snapshot_of(alloy_user) if ask_alloy else stored_snapshot_of(tenant)
    cards = tuple(cards_of(snapshot)) if snapshot else ()
    return SetupStatus(ready=True, user_id=alloy_user.user_id, cards=cards)
