"""Tenants who have no Alloy user yet, in pieces, so that memory stays flat however many there are.

The rows of `AlloyUser` say how far it got, so a run that was killed is simply started again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models, reset_queries
from django.db.models import Exists, OuterRef, QuerySet

from integrations import conf, database
from integrations.models import AlloyUser
from integrations.models.tenancy import full_name_of, new_username


@dataclass(frozen=True)
class Candidate:
    """A tenant without an Alloy user. `alloy_user`: the row that waits for one, if it is there."""

    tenant: Any
    alloy_user: AlloyUser | None

    @property
    def username(self) -> str:
        """The name at Alloy; "" while there is no row to keep it."""
        return self.alloy_user.username if self.alloy_user else ""

    @property
    def full_name(self) -> str:
        """The name that people read at Alloy."""
        return full_name_of(self.tenant)


def tenants() -> models.Manager[Any]:
    """Return the manager of whoever owns Alloy users."""
    manager: models.Manager[Any] = apps.get_model(conf.tenant_model())._default_manager
    return manager


def tenants_in_want() -> QuerySet[Any]:
    """Return the tenants who have no Alloy user in this environment, asked for or not."""
    ready = AlloyUser.objects.filter(tenant=OuterRef("pk"), environment=conf.environment())
    return tenants().filter(~Exists(ready.exclude(user_id=""))).order_by("pk")


def last_in_want() -> Any:
    """Return the key of the last of them; None when there is nobody."""
    return tenants_in_want().values_list("pk", flat=True).last()


def in_pieces(size: int, *, last: Any) -> Iterator[list[Candidate]]:
    """Yield the candidates up to a key, in the order of their keys, so many at a time."""
    in_want = tenants_in_want().filter(pk__lte=last)
    piece = list(in_want[:size])
    while piece:
        yield with_rows(piece)
        reset_queries()  # with DEBUG on, Django keeps every query
        piece = list(in_want.filter(pk__gt=piece[-1].pk)[:size])


def with_rows(tenants: Sequence[Any]) -> list[Candidate]:
    """Return the tenants as candidates, each with the row that waits for its Alloy user, if any."""
    waiting = AlloyUser.objects.filter(environment=conf.environment(), tenant__in=tenants)
    rows = {row.tenant_id: row for row in waiting}
    return [Candidate(tenant, rows.get(tenant.pk)) for tenant in tenants]


@database.atomic()
def write_down(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates, each with a row: the name must be known before Alloy hears it."""
    lacking = [each.tenant for each in candidates if each.alloy_user is None]
    present = set(staying([tenant.pk for tenant in lacking]))
    AlloyUser.objects.bulk_create(
        [
            AlloyUser(
                tenant=tenant,
                environment=conf.environment(),
                username=new_username(tenant),
                full_name=full_name_of(tenant),
            )
            for tenant in lacking
            if tenant.pk in present
        ],
        ignore_conflicts=True,  # a sign-up came first
    )
    return with_rows([each.tenant for each in candidates])


def staying(keys: Collection[Any]) -> list[Any]:
    """Return which of the tenants are there still, and keep them until the transaction ends."""
    # A full lock and the foreign key of a row that a sign-up just added would wait for each other.
    locked = tenants().select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    return list(locked.values_list("pk", flat=True))
