"""One run: who is at Alloy, have the others created, who is there now, assign them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from integrations import conf, database
from integrations.alloy import AlloyClient
from integrations.contrib.backfill.assignment import assign
from integrations.contrib.backfill.candidates import (
    Candidate,
    in_pieces,
    last_in_want,
    staying,
    write_down,
)
from integrations.contrib.backfill.creation import create
from integrations.contrib.backfill.directory import Directory
from integrations.contrib.backfill.listing import each_user
from integrations.models import AlloyUser
from integrations.tenants import enqueue_creation, provision

Step = Callable[[list[Candidate], Directory], None]

TAKEN = "its user name belongs to another tenant's Alloy user"
REFUSED = "Alloy did not take its user name"
LEFT = "it left meanwhile"


@dataclass
class Summary:
    """What a run did: counts of tenants; `not_done` by the reason.

    `adopted`: their Alloy users were there already, made by an earlier run that was killed.
    """

    created: int = 0
    adopted: int = 0
    not_done: Counter[str] = field(default_factory=Counter)
    orphans: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Watcher:
    """Whom a run tells how it goes."""

    step: Callable[[str], None]
    advance: Callable[[int], None]
    not_done: Callable[[Candidate, str], None]


@dataclass
class Backfill:
    """A run over everybody who has no Alloy user; `batch` users with each call, at most 1,000."""

    client: AlloyClient
    batch: int
    watcher: Watcher
    summary: Summary = field(default_factory=Summary)

    def plan(self) -> Summary:
        """Say what `run` would do, and change nothing, here or at Alloy. Raises `AlloyError`."""
        self._go({"Looking": self._foresee})
        return self.summary

    def run(self) -> Summary:
        """Give everybody an Alloy user. Raises `AlloyError`: then start again, to go on."""
        self._go({"Creating": self._create, "Mapping": self._assign})
        return self.summary

    def _go(self, steps: dict[str, Step]) -> None:
        """Take the steps one after the other, each over all candidates, and each well informed."""
        last = last_in_want()  # whoever comes later is provisioned by the sign-up
        if last is None:
            return
        with Directory() as directory:
            for name, step in steps.items():
                self.watcher.step(name)
                directory.fill(each_user(self.client))
                for piece in in_pieces(self.batch, last=last):
                    step(piece, directory)
                    self.watcher.advance(len(piece))
            self.summary.orphans = _orphans(directory)

    def _foresee(self, piece: list[Candidate], directory: Directory) -> None:
        found = len(directory.ids([each.username for each in piece if each.username]))
        self.summary.adopted += found
        self.summary.created += len(piece) - found

    def _create(self, piece: list[Candidate], directory: Directory) -> None:
        named = [each for each in write_down(piece) if each.username]
        known = directory.ids([each.username for each in named])
        if missing := [each for each in named if each.username not in known]:
            directory.add(create(missing, client=self.client))

    def _assign(self, piece: list[Candidate], directory: Directory) -> None:
        ids = directory.ids([each.username for each in piece if each.username])
        assigned = assign(piece, ids)
        created = directory.mark_assigned(each.username for each in assigned)
        self.summary.created += created
        self.summary.adopted += len(assigned) - created
        served = {each.tenant.pk for each in assigned}
        for each in piece:
            if each.tenant.pk not in served:
                self._leave(each, _leave_to_outbox(each) or _why(each, ids))

    def _leave(self, candidate: Candidate, why: str) -> None:
        self.summary.not_done[why] += 1
        self.watcher.not_done(candidate, why)


def _why(candidate: Candidate, ids: Mapping[str, str]) -> str:
    return TAKEN if candidate.username in ids else REFUSED


@database.atomic()
def _leave_to_outbox(candidate: Candidate) -> str:
    """Leave a tenant to the outbox, which finds another name where it must; say so if it left."""
    if not staying([candidate.tenant.pk]):
        return LEFT
    enqueue_creation(provision(tenant=candidate.tenant))
    return ""


def _orphans(directory: Directory) -> list[str]:
    """Return the userIds of those we had created and whose tenant is gone, to be deleted."""
    added = dict(directory.unassigned())
    owned = set(_owned(added.values()))
    return [user_id for user_id in added.values() if user_id not in owned]


def _owned(user_ids: Collection[str]) -> QuerySet[AlloyUser, str]:
    """Return which of the userIds belong to somebody in this environment."""
    owned = AlloyUser.objects.filter(environment=conf.environment(), user_id__in=user_ids)
    return owned.values_list("user_id", flat=True)
