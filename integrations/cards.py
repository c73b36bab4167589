"""What pages show of a tenant's integrations: cards, each with its state of health."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Model
from django.utils.translation import gettext, gettext_lazy

from integrations.alloy import Integration, Workflow
from integrations.health import Health, health_of, troubles_of
from integrations.models import IntegrationsSnapshot
from integrations.snapshots import integrations_in, snapshot_of
from integrations.tenants import alloy_user_of

STREAM_BLOCK = "streamData"
UNREACHABLE = gettext_lazy(
    "We can't reach our integration partner right now. We keep trying by ourselves."
)


@dataclass(frozen=True)
class Card:
    """One integration with this tenant's state of it."""

    integration: Integration
    health: Health

    @property
    def integration_id(self) -> str:
        return self.integration.integration_id

    @property
    def name(self) -> str:
        return self.integration.app

    @property
    def description(self) -> str:
        return self.integration.description

    @property
    def icon(self) -> str:
        return self.integration.icon

    @property
    def workflows(self) -> tuple[Workflow, ...]:
        return self.integration.workflows

    @property
    def installed_workflows(self) -> tuple[Workflow, ...]:
        return self.integration.installed_workflows

    @property
    def sends_to_us(self) -> bool:
        """Whether a workflow of it streams what happens there, such as orders, to us."""
        return any(_streams(workflow) for workflow in self.workflows)

    @property
    def fails_to_send(self) -> bool:
        """Whether a workflow that streams to us is paused or fails."""
        failing = {trouble.workflow_id for trouble in self.health.troubles}
        return any(
            workflow.paused or workflow.workflow_id in failing
            for workflow in self.installed_workflows
            if _streams(workflow)
        )

    @property
    def runs(self) -> bool:
        """Whether any of it is installed and not paused."""
        return any(not workflow.paused for workflow in self.installed_workflows)

    @property
    def paused_workflows(self) -> tuple[Workflow, ...]:
        return tuple(workflow for workflow in self.workflows if workflow.paused)

    @property
    def updates(self) -> int:
        """How many of its workflows have a newer version."""
        return sum(workflow.update_available for workflow in self.workflows)

    @property
    def update_available(self) -> bool:
        return self.integration.update_available


def _streams(workflow: Workflow) -> bool:
    return any(block.kind == STREAM_BLOCK for block in workflow.blocks)


def cards_of(snapshot: IntegrationsSnapshot) -> list[Card]:
    """Return the tenant's integrations, each with its health."""
    found = integrations_in(snapshot)
    troubles = troubles_of(snapshot.alloy_user, found)
    since = {
        workflow_id: datetime.fromisoformat(moment)
        for workflow_id, moment in snapshot.paused_since.items()
    }
    return [Card(each, health_of(each, troubles=troubles, paused_since=since)) for each in found]


@dataclass(frozen=True)
class SetupStatus:
    """How far a tenant has come: it is `ready` once its Alloy user exists, which has `user_id`."""

    ready: bool
    user_id: str = ""
    cards: tuple[Card, ...] = ()

    @property
    def connected(self) -> list[Card]:
        """The integrations that are installed."""
        return [card for card in self.cards if card.installed_workflows]

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
    if ask_alloy:
        snapshots = [snapshot_of(alloy_user)]
    else:
        stored = IntegrationsSnapshot.objects.select_related("alloy_user")
        snapshots = list(stored.filter(alloy_user=alloy_user))
    cards = tuple(card for each in snapshots for card in cards_of(each))
    return SetupStatus(ready=True, user_id=alloy_user.user_id, cards=cards)


@dataclass(frozen=True)
class Page:
    """The integrations page.

    `is_old`: Alloy could not be reached, this is the last known copy. `begins_anew`: Alloy had lost
    the tenant's account, and nothing has been connected since. `connected`: how many are;
    `everything_is_paused`: nothing runs of several integrations.
    """

    ready: bool
    cards: list[Card] = field(default_factory=list)
    updates: int = 0
    fetched_at: datetime | None = None
    is_old: bool = False
    trouble: str = ""
    begins_anew: bool = False
    connected: int = 0
    everything_is_paused: bool = False


def page_of(snapshot: IntegrationsSnapshot, *, was_lost: bool = False) -> Page:
    """Return the page for a snapshot.

    `was_lost`: Alloy had lost the tenant's account, and it was made again.
    """
    cards = cards_of(snapshot)
    return Page(
        ready=True,
        cards=cards,
        updates=sum(card.update_available for card in cards),
        fetched_at=snapshot.fetched_at,
        is_old=bool(snapshot.last_failure) and snapshot.fetched_at is not None,
        trouble=_in_plain_words(snapshot),
        connected=sum(bool(card.installed_workflows) for card in cards),
        everything_is_paused=_all_paused(cards),
        begins_anew=was_lost and not any(card.installed_workflows for card in cards),
    )


def _all_paused(cards: list[Card]) -> bool:
    installed = [card.installed_workflows for card in cards if card.installed_workflows]
    return len(installed) > 1 and installed == [
        card.paused_workflows for card in cards if card.paused_workflows
    ]


def _in_plain_words(snapshot: IntegrationsSnapshot) -> str:
    if not snapshot.last_failure:
        return ""
    if snapshot.fetched_at is None:
        return str(UNREACHABLE)
    return gettext("We can't reach our integration partner right now. This is how things were")
