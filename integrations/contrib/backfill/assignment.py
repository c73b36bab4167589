"""Assigns Alloy users to tenants: writes down which userId is whose, and never one twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import IntegrityError
from django.utils import timezone

from integrations import database
from integrations.contrib.backfill.candidates import Candidate
from integrations.models import AlloyUser
from integrations.provisioning import wake_what_waited
from integrations.signals import tenant_provisioned


def assign(candidates: Sequence[Candidate], ids: Mapping[str, str]) -> list[Candidate]:
    """Assign to each candidate the Alloy user of its username; return those who have it.

    Who has not: a tenant who left, and one whose Alloy user is another tenant's. Beside it the
    outbox may give the same tenant the same Alloy user, and nothing happens twice.
    """
    rows = [each.alloy_user.pk for each in candidates if each.alloy_user and each.username in ids]
    try:
        _complete(rows, ids)
    except IntegrityError:  # one of them is another tenant's: the others one by one
        for row in rows:
            try:
                _complete([row], ids)
            except IntegrityError:
                continue
    has = AlloyUser.objects.filter(pk__in=rows, tenant__isnull=False)
    user_ids = dict(has.values_list("username", "user_id"))
    return [each for each in candidates if each.username and user_ids.get(each.username)]


@database.atomic()
def _complete(rows: Sequence[int], ids: Mapping[str, str]) -> None:
    """Complete rows that wait, but for those that the outbox has just completed or renamed."""
    waiting = AlloyUser.objects.select_for_update(of=("self",)).filter(
        pk__in=rows, username__in=ids, user_id="", tenant__isnull=False
    )
    completed = list(waiting)
    for alloy_user in completed:
        alloy_user.user_id, alloy_user.provisioned_at = ids[alloy_user.username], timezone.now()
    AlloyUser.objects.bulk_update(completed, ["user_id", "provisioned_at"])
    for alloy_user in completed:
        tenant_provisioned.send(sender=AlloyUser, alloy_user=alloy_user)
    wake_what_waited(*completed)
