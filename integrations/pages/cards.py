"""A tenant's integrations as the page shows them: a card for each, with its state of health."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from integrations.alloy import Integration, Workflow
from integrations.models import IntegrationsSnapshot
from integrations.pages.health import Health, failures_of, health_of
from integrations.pages.snapshots import integrations_in

STREAM_BLOCK = "streamData"
"""The kind of block that posts what happens to us [list-integrations, data-streaming]."""
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
    def sends_to_us(self) -> bool:
        """Whether a workflow of it streams what happens there, such as orders, to us."""
        return any(_streams(workflow) for workflow in self.integration.workflows)

    @property
    def fails_to_send(self) -> bool:
        """Whether a workflow that streams to us is paused or fails."""
        failing = {failure.workflow_id for failure in self.health.failures}
        return any(
            workflow.paused or workflow.workflow_id in failing
            for workflow in self.integration.installed_workflows
            if _streams(workflow)
        )

    @property
    def runs(self) -> bool:
        """Whether any of it is installed and not paused."""
        return any(not workflow.paused for workflow in self.integration.installed_workflows)

    @property
    def paused_workflows(self) -> tuple[Workflow, ...]:
        return tuple(workflow for workflow in self.integration.workflows if workflow.paused)

    @property
    def updates(self) -> int:
        """How many of its workflows have a newer version."""
        return sum(workflow.update_available for workflow in self.integration.workflows)


def _streams(workflow: Workflow) -> bool:
    return any(block.kind == STREAM_BLOCK for block in workflow.blocks)


def cards_of(snapshot: IntegrationsSnapshot) -> list[Card]:
    """Return the tenant's integrations, each with its health."""
    found = integrations_in(snapshot)
    failures = failures_of(snapshot.alloy_user, found)
    since = {
        workflow_id: datetime.fromisoformat(moment)
        for workflow_id, moment in snapshot.paused_since.items()
    }
    return [Card(each, health_of(each, failures=failures, paused_since=since)) for each in found]


@dataclass(frozen=True)
class Page:
    """The integrations page.

    `is_old`: Alloy could not be reached, so this is the last copy. `starts_over`: Alloy had lost
    the tenant's user, and nothing has been connected since.
    """

    ready: bool
    cards: list[Card] = field(default_factory=list)
    fetched_at: datetime | None = None
    is_old: bool = False
    problem: str = ""
    starts_over: bool = False

    @property
    def updates(self) -> int:
        """How many integrations have an update."""
        return sum(card.integration.update_available for card in self.cards)

    @property
    def connected(self) -> list[Card]:
        """The integrations that are installed."""
        return [card for card in self.cards if card.integration.installed_workflows]

    @property
    def everything_is_paused(self) -> bool:
        """Whether several integrations are installed, and nothing of them runs."""
        return len(self.connected) > 1 and not any(card.runs for card in self.connected)


def page_of(snapshot: IntegrationsSnapshot, *, was_lost: bool = False) -> Page:
    """Return the page for a snapshot.

    `was_lost`: Alloy had lost the tenant's user, and it was created again.
    """
    cards = cards_of(snapshot)
    return Page(
        ready=True,
        cards=cards,
        fetched_at=snapshot.fetched_at,
        is_old=bool(snapshot.last_failure) and snapshot.fetched_at is not None,
        problem=_in_plain_words(snapshot),
        starts_over=was_lost and not any(card.integration.installed_workflows for card in cards),
    )


def _in_plain_words(snapshot: IntegrationsSnapshot) -> str:
    if not snapshot.last_failure:
        return ""
    if snapshot.fetched_at is None:
        return str(UNREACHABLE)
    return gettext("We can't reach our integration partner right now. This is how things were")
