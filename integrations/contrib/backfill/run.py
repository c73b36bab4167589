"""One run: write down who needs an Alloy user, have them created, learn whose is which.

A row with the tenant's name at Alloy is stored before Alloy gets the name. So a run that was
killed is simply started again, and sign-ups and the outbox may go on beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from time import sleep
from typing import Any

from django.db import IntegrityError, models
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from integrations import conf, database
from integrations.alloy import AlloyClient, Refused, TemporaryError
from integrations.backoff import LONGEST_RETRY_AFTER, full_jitter
from integrations.contrib.backfill.listing import ListedUser, each_user
from integrations.models import AlloyUser
from integrations.models.tenancy import full_name_of, new_username
from integrations.signals import tenant_provisioned
from integrations.tenants.erasure import keep_tenants
from integrations.tenants.provisioning import resume_waiting_messages
from integrations.tenants.sign_up import provision
from integrations.tenants.unprovisioned import provision_now

TRIES = 8
USERS_AT_ONCE = 500  # older SQLites take 999 parameters


@dataclass
class Summary:
    """The outcome of a run: how many tenants were given an Alloy user, and how many were not.

    `orphans` are userIds of tenants who left meanwhile, to be deleted at Alloy.
    """

    assigned: int = 0
    not_assigned: int = 0
    orphans: list[str] = field(default_factory=list)


def backfill(client: AlloyClient, *, batch: int, say: Callable[[str], None]) -> Summary:
    """Give everybody an Alloy user, `batch` with each call, and say how far it has come.

    Raises `AlloyError`: then start again, to go on.
    """
    summary, wanted = Summary(), tenants_without_user().count()
    last = tenants_without_user().values_list("pk", flat=True).last()
    for number, tenants in enumerate(_in_batches(batch, last=last)):
        _create(add_rows(tenants), client=client)
        say(f"{min((number + 1) * batch, wanted):,} of {wanted:,} sent to Alloy")
    for ids in _listed(each_user(client) if wanted else ()):
        for each in _assign(ids):
            summary.assigned += each.tenant_id is not None
            summary.orphans += [each.user_id] if each.tenant_id is None else []
    for tenants in _in_batches(batch, last=last):
        for tenant in tenants:
            if _leave_to_the_outbox(tenant):
                summary.not_assigned += 1
                say(f"{tenant.pk} ({full_name_of(tenant)[:100]}): Alloy did not take its user name")
    return summary


def tenants_without_user() -> QuerySet[Any]:
    """Return the tenants who have no Alloy user in this environment, asked for or not."""
    ready = AlloyUser.objects.filter(tenant=OuterRef("pk"), environment=conf.environment())
    return _tenants().filter(~Exists(ready.exclude(user_id=""))).order_by("pk")


@database.atomic()
def add_rows(tenants: Sequence[Any]) -> list[AlloyUser]:
    """Return the row of each tenant that is there still, made where there is none."""
    rows = AlloyUser.objects.filter(environment=conf.environment(), tenant__in=tenants)
    known = set(rows.values_list("tenant", flat=True))
    lacking = set(keep_tenants([each.pk for each in tenants if each.pk not in known]))
    AlloyUser.objects.bulk_create(
        [
            AlloyUser(
                tenant=tenant,
                environment=conf.environment(),
                username=new_username(tenant),
                full_name=full_name_of(tenant),
            )
            for tenant in tenants
            if tenant.pk in lacking
        ],
        ignore_conflicts=True,  # a sign-up came first
    )
    return list(rows.filter(user_id=""))


def _in_batches(size: int, *, last: Any) -> Iterator[list[Any]]:
    """Yield tenants without user up to a key, so many at a time; later ones just sign up."""
    tenants = tenants_without_user()
    tenants = tenants.none() if last is None else tenants.filter(pk__lte=last)
    batch = list(tenants[:size])
    while batch:
        yield batch
        batch = list(tenants.filter(pk__gt=batch[-1].pk)[:size])


def _create(rows: Sequence[AlloyUser], *, client: AlloyClient) -> None:
    """Have users created at Alloy: `POST /users/batch`; it passes over those that exist.

    The answer carries no ids, and may get lost: who exists is asked afterwards.
    """
    users = [(each.username, each.full_name) for each in rows]
    for failures in count(1) if users else ():
        try:
            client.create_users_batch(users=users)
        except TemporaryError as error:
            if failures == TRIES:
                raise
            sleep(_wait(failures, error))
        except Refused as error:
            if error.status not in (400, 422):
                raise
            return  # not one of them was valid; so it also answers where all exist
        else:
            return


def _wait(failures: int, error: TemporaryError) -> float:
    backoff = full_jitter(failures, cap=30.0).total_seconds()
    return max(backoff, min(error.retry_after or 0.0, LONGEST_RETRY_AFTER))


def _listed(users: Iterable[ListedUser]) -> Iterator[dict[str, str]]:
    """Yield the userIds by username, some at a time; those without a username are left out."""
    named = ((each.username, each.user_id) for each in users if each.username)
    while ids := dict(islice(named, USERS_AT_ONCE)):
        yield ids


def _assign(ids: Mapping[str, str]) -> list[AlloyUser]:
    """Write down whose these are; return the rows. None is given to two tenants."""
    try:
        return _complete(ids)
    except IntegrityError:  # one of them is another tenant's: the others one by one
        return [row for name, user_id in ids.items() for row in _complete_alone(name, user_id)]


def _complete_alone(username: str, user_id: str) -> list[AlloyUser]:
    try:
        return _complete({username: user_id})
    except IntegrityError:
        return []


@database.atomic()
def _complete(ids: Mapping[str, str]) -> list[AlloyUser]:
    """Complete the rows that wait for these, also of tenants who left; return them."""
    rows = list(
        AlloyUser.objects.select_for_update().filter(
            environment=conf.environment(), username__in=ids, user_id=""
        )
    )
    for row in rows:
        row.user_id, row.provisioned_at = ids[row.username], timezone.now()
    AlloyUser.objects.bulk_update(rows, ["user_id", "provisioned_at"])
    served = [row for row in rows if row.tenant_id is not None]
    for row in served:
        tenant_provisioned.send(sender=AlloyUser, alloy_user=row)
    resume_waiting_messages(*served)
    return rows


@database.atomic()
def _leave_to_the_outbox(tenant: Any) -> bool:
    """Have the outbox go on, which finds another name where it must; return False if it left."""
    return bool(keep_tenants([tenant.pk])) and provision_now(alloy_user=provision(tenant=tenant))


def _tenants() -> models.Manager[Any]:
    manager: models.Manager[Any] = conf.tenant_class()._default_manager
    return manager
