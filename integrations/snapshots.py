"""A tenant's integrations, from a fresh copy where there is one, otherwise from Alloy.

At most one call a page. When Alloy is slow or down the last known copy is shown with its age, and
Alloy is left alone for a while, so that the page stays quick. `page_of` and `Card` shape a copy for
the templates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from pydantic import ValidationError

from integrations import conf
from integrations.alloy import AlloyError, Integration, Workflow
from integrations.client import alloy
from integrations.health import Health, health_of, troubles_of
from integrations.models import AlloyUser, Delivery, IntegrationsSnapshot
from integrations.news import former_blocks
from integrations.provisioning import noticing_its_loss
from integrations.signals import integrations_read
from integrations.tenants import alloy_user_of

log = structlog.get_logger(__name__)

SECONDS_TO_WAIT_WITH_A_COPY = 1.0
SECONDS_TO_WAIT_WITHOUT = 4.0
PAUSE_AFTER_A_FAILURE = timedelta(seconds=15)
STREAM_BLOCK = "streamData"
UNREACHABLE = gettext_lazy(
    "We can't reach our integration partner right now. We keep trying by ourselves."
)


def snapshot_of(alloy_user: AlloyUser, *, anew: bool = False) -> IntegrationsSnapshot:
    """Return the tenant's snapshot, brought up to date where needed and possible.

    With `anew` even a fresh copy is read again. Never raises because of Alloy: the snapshot says
    in `last_failure` why it could not be brought up to date.
    """
    snapshot, _ = IntegrationsSnapshot.objects.get_or_create(alloy_user=alloy_user)
    snapshot.alloy_user = alloy_user
    outdated = _is_outdated(snapshot) or news_in_the_inbox(alloy_user).exists()
    if anew or (outdated and not _failed_a_moment_ago(snapshot)):
        _refresh(snapshot)
        return IntegrationsSnapshot.objects.filter(pk=snapshot.pk).first() or snapshot
    return snapshot


def _is_outdated(snapshot: IntegrationsSnapshot) -> bool:
    if snapshot.fetched_at is None:
        return True
    if snapshot.changed_at is not None and snapshot.changed_at >= snapshot.fetched_at:
        return True
    return timezone.now() - snapshot.fetched_at > timedelta(
        seconds=conf.read().INTEGRATIONS_MAX_AGE
    )


def news_in_the_inbox(alloy_user: AlloyUser) -> QuerySet[Delivery]:
    """Return the installations that Alloy told of and no worker has looked at yet."""
    return Delivery.objects.filter(
        kind=Delivery.Kind.INSTALLATION, tenant=alloy_user.tenant_id, due_at__isnull=False
    )


def _failed_a_moment_ago(snapshot: IntegrationsSnapshot) -> bool:
    return snapshot.retry_at is not None and snapshot.retry_at > timezone.now()


def _refresh(snapshot: IntegrationsSnapshot) -> None:
    has_copy = snapshot.fetched_at is not None
    seconds = SECONDS_TO_WAIT_WITH_A_COPY if has_copy else SECONDS_TO_WAIT_WITHOUT
    asked_at = timezone.now()
    try:
        with noticing_its_loss(snapshot.alloy_user):
            found = alloy().within(seconds).list_integrations(user_id=snapshot.alloy_user.user_id)
    except AlloyError as error:
        log.warning("integrations_not_read", error=str(error))
        retry_at = asked_at + PAUSE_AFTER_A_FAILURE
        _keep(snapshot, asked_at=asked_at, last_failure=str(error), retry_at=retry_at)
        return
    _keep(
        snapshot,
        asked_at=asked_at,
        data=[each.model_dump(mode="json") for each in found],
        paused_since=_paused_since(snapshot, found, asked_at),
        former_blocks=former_blocks(snapshot.former_blocks, integrations_in(snapshot), found),
        # The moment of asking, not of the answer: what changes in between makes the copy old again.
        fetched_at=asked_at,
        last_failure="",
        retry_at=None,
    )
    integrations_read.send_robust(
        sender=None, alloy_user=snapshot.alloy_user, integrations=found, at=asked_at
    )


def _paused_since(
    snapshot: IntegrationsSnapshot, found: list[Integration], now: datetime
) -> dict[str, str]:
    """Return since when each paused workflow has been seen to be, since Alloy does not tell."""
    known = snapshot.paused_since
    return {
        workflow.workflow_id: known.get(workflow.workflow_id, now.isoformat())
        for integration in found
        for workflow in integration.workflows
        if workflow.paused
    }


def _keep(snapshot: IntegrationsSnapshot, *, asked_at: datetime, **news: Any) -> None:
    """Write down what came of asking, unless somebody who asked later was answered sooner."""
    kept = IntegrationsSnapshot.objects.filter(pk=snapshot.pk)
    kept.exclude(fetched_at__gt=asked_at).update(**news)


def something_changed(alloy_user: AlloyUser) -> None:
    """Have the next page read the integrations anew."""
    IntegrationsSnapshot.objects.filter(alloy_user=alloy_user).update(
        changed_at=timezone.now(), retry_at=None
    )


def integrations_in(snapshot: IntegrationsSnapshot) -> list[Integration]:
    """Return the copy's integrations as typed models; none where another release wrote it."""
    try:
        return [Integration.model_validate(each) for each in snapshot.data]
    except ValidationError:
        log.warning("integrations_not_readable", alloy_user=snapshot.alloy_user_id)
        return []


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
