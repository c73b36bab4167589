"""A table of attempts that is partitioned is as good as the one that was not."""

from __future__ import annotations

import shlex
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from integrations.contrib.partitions import attempts
from integrations.models import Attempt, Message
from tests.documents import blocks_of
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.outbox.conftest import _surroundings, alloy_user  # noqa: F401
from tests.integrations.outbox.steps import let_waits_end, outcomes, relay_once, tell

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql, pytest.mark.usefixtures("alloy_user")]


def keep_partitions(*, size: int = 10, keep_days: float = 7) -> str:
    printed = StringIO()
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has partitions")
    have_checked()
    call_command("partition_attempts", size=size, keep_days=keep_days, stdout=printed)
    return printed.getvalue()


def have_checked() -> None:
    """Check the references now, as if all before was committed."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def table_of(message: Message) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text FROM integrations_attempt WHERE message_id = %s",
            [message.pk],
        )
        [(name,)] = cursor.fetchall()
    return str(name)


def test_old_and_new_attempts_are_found_settled_and_numbered_as_before(
    alloy: FakeAlloy, merchant: User
) -> None:
    before = tell(merchant, 1)
    relay_once()
    alloy.fail("/run/event", Reply(503))
    under_way = tell(merchant, 2)
    relay_once()

    keep_partitions()
    let_waits_end()
    relay_once()
    later = [tell(merchant, number) for number in range(3, 23)]
    relay_once()

    assert outcomes(before) == ["accepted"]
    assert outcomes(under_way) == ["temporary", "accepted"]
    assert {outcome for each in later for outcome in outcomes(each)} == {"accepted"}
    assert {table_of(before), table_of(later[-1])} > {f"{attempts.TABLE}_first"}
    assert Attempt.objects.count() == len({each.pk for each in Attempt.objects.all()}) == 23


def test_messages_beyond_all_partitions_are_taken_too(merchant: User) -> None:
    keep_partitions(size=1)
    for number in range(12):
        last = tell(merchant, number)
    relay_once()
    assert table_of(last) == f"{attempts.TABLE}_rest"

    keep_partitions(size=1)
    tell(merchant, 12)
    newer = tell(merchant, 13)
    relay_once()
    assert table_of(newer) == f"{attempts.TABLE}_{newer.pk}"


def test_a_second_run_changes_nothing_and_a_later_one_adds_what_is_missing(merchant: User) -> None:
    assert "first partition" in keep_partitions()
    assert keep_partitions() == ""
    for number in range(15):
        tell(merchant, number)
    assert "takes messages up to" in keep_partitions()


def test_a_partition_is_dropped_when_its_messages_are_all_done_and_not_before(
    alloy: FakeAlloy, merchant: User
) -> None:
    keep_partitions(size=5)
    told = [tell(merchant, number, subject=f"order:{number}") for number in range(12)]
    relay_once()
    Message.objects.exclude(pk=told[0].pk).update(settled_at=timezone.now() - timedelta(days=8))
    assert "dropped" not in keep_partitions(size=5)

    Message.objects.filter(pk=told[0].pk).update(settled_at=timezone.now() - timedelta(days=8))
    assert f"{attempts.TABLE}_first is dropped" in keep_partitions(size=5)
    assert outcomes(told[0]) == []
    assert Message.objects.filter(pk__in=[each.pk for each in told]).count() == len(told)


def test_what_the_document_says_about_partitions_and_vacuum_runs() -> None:
    command, settings = (b.text for b in blocks_of("docs/scaling.md") if b.run_by)
    name, *options = shlex.split(command)[2:]
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has partitions")
    have_checked()
    with connection.cursor() as cursor:
        cursor.execute(settings)
    call_command(name, *options)
    assert attempts.is_partitioned()


def test_without_postgresql_it_says_so() -> None:
    if connection.vendor == "postgresql":
        pytest.skip("it is there")
    with pytest.raises(CommandError, match="Only PostgreSQL"):
        call_command("partition_attempts")
