"""What the integrations page shows, ready for its templates."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from integrations.alloy import Integration, State, Workflow
from integrations.failures.selectors import Problem, problems_of
from integrations.models import IntegrationsSnapshot, WorkflowFailure
from integrations.pages.snapshots import integrations_in


@dataclass(frozen=True)
class Card:
    """One integration with this tenant's state of it."""

    integration: Integration
    problems: tuple[Problem, ...] = ()

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
    def updates(self) -> int:
        """How many of its workflows have a newer version."""
        return sum(workflow.update_available for workflow in self.workflows)

    @property
    def shown(self) -> str:
        """All that a page shows of it, to tell whether that has changed."""
        return f"{self.integration.model_dump_json()}{self.problems}"

    @property
    def update_available(self) -> bool:
        return self.integration.update_available

    @property
    def state(self) -> str:
        """One of "not_installed", "installed" and "paused"; an update is a matter of its own."""
        installed = self.integration.installed_workflows
        if not installed and not self.integration.installed:
            return State.NOT_INSTALLED.value
        paused = bool(installed) and all(workflow.paused for workflow in installed)
        return (State.PAUSED if paused else State.INSTALLED).value


@dataclass(frozen=True)
class Page:
    """The integrations page. `is_old`: Alloy could not be reached, this is the last known copy."""

    ready: bool
    cards: list[Card] = field(default_factory=list)
    updates: int = 0
    fetched_at: datetime | None = None
    is_old: bool = False
    trouble: str = ""
    query: str = ""

    @property
    def version(self) -> str:
        """A digest of what is shown: a page that has it already need not be sent it again."""
        shown = "|".join(card.shown for card in self.cards)
        state = f"{self.ready}|{self.is_old}|{self.trouble}|{self.query}|{shown}"
        return hashlib.sha256(state.encode()).hexdigest()[:16]

    def version_of(self, card: Card, *also: object) -> str:
        """A digest of what one integration's own page shows."""
        shown = f"{self.is_old}|{self.trouble}|{card.shown}|{also!r}"
        return hashlib.sha256(shown.encode()).hexdigest()[:16]


def page_of(
    snapshot: IntegrationsSnapshot, *, query: str = "", failures: Sequence[WorkflowFailure] = ()
) -> Page:
    """Return the page for a snapshot, filtered by what the merchant searches for.

    `failures`: the tenant's open ones, of all integrations.
    """
    cards = [
        Card(each, problems=tuple(problems_of(each, failures)))
        for each in integrations_in(snapshot)
    ]
    return Page(
        ready=True,
        cards=[card for card in cards if _matches(card, query)],
        updates=sum(card.update_available for card in cards),
        fetched_at=snapshot.fetched_at,
        is_old=bool(snapshot.last_failure) and snapshot.fetched_at is not None,
        trouble=_in_plain_words(snapshot),
        query=query,
    )


def _matches(card: Card, query: str) -> bool:
    wanted = query.casefold()
    return wanted in card.name.casefold() or wanted in card.description.casefold()


def _in_plain_words(snapshot: IntegrationsSnapshot) -> str:
    if not snapshot.last_failure:
        return ""
    if snapshot.fetched_at is None:
        return "We can't reach our integration partner right now. We keep trying."
    return "We can't reach our integration partner right now. This is how things were"
