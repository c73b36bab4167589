"""Gives Alloy users to tenants: writes down which userId is whose, and never one twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations import conf
from integrations.contrib.backfill.candidates import Candidate, staying
from integrations.models import AlloyUser
from integrations.tenants import wake_what_waited


def give(candidates: Sequence[Candidate], ids: Mapping[str, str]) -> list[Candidate]:
    """Give each candidate the Alloy user of its username; return those who got it.

    Who does not: a tenant who left, and one whose Alloy user is another tenant's. Beside it the
    outbox may give the same tenant the same Alloy user, and nothing happens twice.
    """
    found = [each for each in candidates if each.username in ids]
    _insert([each for each in found if each.alloy_user is None], ids)
    rows = _rows_of(found)  # read again: a sign-up may have come first
    for each in found:
        row = rows.get(each.tenant.pk)
        if row and not row.is_ready:
            _complete(row, each.username, ids[each.username])
    rows = _rows_of(found)
    return [each for each in found if _has(rows.get(each.tenant.pk), ids[each.username])]


def _rows_of(candidates: Sequence[Candidate]) -> dict[Any, AlloyUser]:
    rows = AlloyUser.objects.filter(
        environment=conf.environment(), tenant__in=[each.tenant.pk for each in candidates]
    )
    return {row.tenant_id: row for row in rows}


def _has(row: AlloyUser | None, user_id: str) -> bool:
    return row is not None and row.user_id == user_id


@transaction.atomic
def _insert(candidates: Sequence[Candidate], ids: Mapping[str, str]) -> None:
    """Add rows. One that a sign-up made meanwhile stays, and so does another tenant's claim."""
    present = set(staying([each.tenant.pk for each in candidates]))
    AlloyUser.objects.bulk_create(
        [_row(each, ids[each.username]) for each in candidates if each.tenant.pk in present],
        ignore_conflicts=True,
    )


def _row(candidate: Candidate, user_id: str) -> AlloyUser:
    return AlloyUser(
        tenant=candidate.tenant,
        environment=conf.environment(),
        username=candidate.username,
        full_name=candidate.full_name,
        user_id=user_id,
        provisioned_at=timezone.now(),
    )


def _complete(alloy_user: AlloyUser, username: str, user_id: str) -> None:
    """Complete a row that waits, unless the outbox has just done so or given it another name."""
    waiting = AlloyUser.objects.filter(
        pk=alloy_user.pk, username=username, user_id="", tenant__isnull=False
    )
    try:
        with transaction.atomic():
            completed = waiting.update(user_id=user_id, provisioned_at=timezone.now())
    except IntegrityError:
        return  # it is another tenant's
    if completed:
        wake_what_waited(alloy_user)
