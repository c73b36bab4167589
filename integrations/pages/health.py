"""Tells how well an integration runs for a tenant: one state, why, since when, what helps.

Alloy's answer says what is installed, paused and outdated. What fails is known to the apps that
learn of it, such as `contrib.activity`: they answer the signal `failures_wanted`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext, ngettext

from integrations.alloy import Integration, Workflow
from integrations.models import AlloyUser
from integrations.signals import answers, failures_wanted


class State(StrEnum):
    """The states of an integration, the worst first."""

    ATTENTION = "attention"
    PAUSED = "paused"
    UPDATE = "update"
    CONNECTED = "connected"
    AVAILABLE = "available"


@dataclass(frozen=True)
class Failure:
    """Something that fails in one workflow, in a merchant's words; `detail` is the technical text.

    `since` it failed first, `last_seen_at` last, `count` times. `is_refused`: the service refuses
    the account, so connecting it again helps. `subjects`: what failed, say numbers of orders.
    `url`: the page that shows more.
    """

    workflow_id: str
    words: str
    since: datetime
    last_seen_at: datetime
    workflow: str = ""
    detail: str = ""
    count: int = 1
    is_refused: bool = False
    subjects: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True)
class Health:
    """An integration's state; `words` say why, `workflow_id` where; `since` None if unknown."""

    state: State
    words: str = ""
    since: datetime | None = None
    workflow_id: str = ""
    failures: tuple[Failure, ...] = ()

    @property
    def is_unwell(self) -> bool:
        """Whether something that the tenant counts on does not run."""
        return self.state in (State.ATTENTION, State.PAUSED)

    @property
    def is_refused(self) -> bool:
        """Whether connecting the account again is what helps."""
        return any(each.is_refused for each in self.failures)


def health_of(
    integration: Integration,
    *,
    failures: Iterable[Failure] = (),
    paused_since: Mapping[str, datetime] | None = None,
) -> Health:
    """Return the worst that is true of the integration."""
    installed = integration.installed_workflows
    if not installed and not integration.installed:
        return Health(State.AVAILABLE)
    named = {workflow.workflow_id for workflow in installed}
    if wrong := tuple(each for each in failures if each.workflow_id in named):
        first = next((each for each in wrong if each.is_refused), wrong[0])
        since = min(each.since for each in wrong)
        return Health(State.ATTENTION, first.words, since, first.workflow_id, wrong)
    if paused := [workflow for workflow in installed if workflow.paused]:
        return _paused(paused, len(installed), paused_since or {})
    if outdated := [workflow for workflow in installed if workflow.update_available]:
        words = gettext("A newer version is ready to be installed.")
        return Health(State.UPDATE, words, workflow_id=outdated[0].workflow_id)
    return Health(State.CONNECTED)


def failures_of(alloy_user: AlloyUser, integrations: Sequence[Integration]) -> list[Failure]:
    """Return all that fails for the tenant, the latest first, from whoever knows of it."""
    found = answers(failures_wanted, alloy_user=alloy_user, integrations=integrations)
    return [failure for each in found for failure in each]


def _paused(
    paused: Sequence[Workflow], installed: int, paused_since: Mapping[str, datetime]
) -> Health:
    first = paused[0]
    if len(paused) == installed:
        words = gettext("Paused: nothing comes in and nothing goes out.")
    elif len(paused) == 1:
        words = gettext("“%(workflow)s” is paused.") % {"workflow": first.name}
    else:
        words = ngettext(
            "%(count)s workflow is paused.", "%(count)s workflows are paused.", len(paused)
        ) % {"count": len(paused)}
    known = [paused_since[each.workflow_id] for each in paused if each.workflow_id in paused_since]
    return Health(State.PAUSED, words, min(known, default=None), first.workflow_id)
