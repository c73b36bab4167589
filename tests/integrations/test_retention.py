"""What is done is deleted in time, with all that belongs to it, and at little cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from integrations import conf, retention
from integrations.contrib.activity.models import Rerun
from integrations.models import Attempt, Message, MessageGroup

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

LONG_AGO = timezone.now() - timedelta(days=400)


def deliver(merchant: User, *, groups: int) -> None:
    """Have one message delivered long ago in each of so many groups."""
    made = MessageGroup.objects.bulk_create(
        MessageGroup(environment=conf.environment(), key=f"old:{number}", last_sequence=1)
        for number in range(groups)
    )
    messages = Message.objects.bulk_create(
        Message(
            group=group,
            sequence=1,
            tenant=merchant,
            kind="event",
            state=Message.State.DELIVERED,
            settled_at=LONG_AGO,
        )
        for group in made
    )
    Attempt.objects.bulk_create(Attempt(message=each, number=1) for each in messages)


def queries_of_pruning() -> int:
    with CaptureQueriesContext(connection) as queries:
        retention.prune(seconds=600)
    return len(queries)


def test_many_groups_take_no_more_queries_than_a_few(merchant: User) -> None:
    deliver(merchant, groups=3)
    few = queries_of_pruning()
    deliver(merchant, groups=60)
    assert queries_of_pruning() <= few
    assert not MessageGroup.objects.filter(key__startswith="old:").exists()
    assert not Message.objects.filter(kind="event").exists()
    assert not Attempt.objects.exists()


def test_what_waits_is_a_dead_letter_or_was_settled_lately_is_kept_and_so_is_its_group(
    merchant: User,
) -> None:
    deliver(merchant, groups=4)
    mixed, waiting, dead, late = MessageGroup.objects.filter(key__startswith="old:").order_by("pk")
    Message.objects.filter(group=waiting).update(state="waiting", settled_at=None)
    Message.objects.filter(group=dead).update(state="dead")
    Message.objects.filter(group=late).update(settled_at=timezone.now())
    Message.objects.create(group=mixed, sequence=2, tenant=merchant, kind="event")
    Message.objects.update(created_at=LONG_AGO)
    retention.prune(seconds=600)
    kept = Message.objects.filter(kind="event").order_by("pk")
    assert list(kept.values_list("group", "sequence", "state")) == [
        (waiting.pk, 1, "waiting"),
        (dead.pk, 1, "dead"),
        (late.pk, 1, "delivered"),
        (mixed.pk, 2, "waiting"),
    ]


def test_reruns_are_forgotten_batch_by_batch(
    merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    mine: dict[str, Any] = {"tenant": merchant, "environment": conf.environment()}
    for number in range(5):
        Rerun.objects.create(**mine, execution_id=f"old-{number}")
    Rerun.objects.update(asked_at=LONG_AGO)
    Rerun.objects.create(**mine, execution_id="new")
    with CaptureQueriesContext(connection) as queries:
        retention.prune(seconds=600)
    deletes = [each["sql"] for each in queries if each["sql"].startswith("DELETE")]
    assert sum("alloy_activity_rerun" in sql for sql in deletes) == 3
    assert [each.execution_id for each in Rerun.objects.all()] == ["new"]


def test_a_batch_begins_where_the_one_before_ended(
    merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    deliver(merchant, groups=2)
    newer = LONG_AGO + timedelta(days=1)
    Message.objects.filter(group__key="old:1").update(settled_at=newer)
    with CaptureQueriesContext(connection) as queries:
        retention.prune(seconds=600)
    begins = [each["sql"] for each in queries if '"settled_at" >= ' in each["sql"]]
    assert [str(LONG_AGO.date()) in begins[0], str(newer.date()) in begins[1]] == [True, True]
    assert not Message.objects.filter(group__key__startswith="old:").exists()
