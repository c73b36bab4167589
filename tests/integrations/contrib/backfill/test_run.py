"""The backfill: everybody gets one Alloy user, whatever else goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from accounts.models import User
from integrations import conf
from integrations.alloy import AlloyClient, AlloyError, ServerFault, Unauthorized
from integrations.contrib.backfill import run
from integrations.contrib.backfill.listing import ListedUser, each_user
from integrations.contrib.backfill.run import Summary
from integrations.models import AlloyUser, Message
from integrations.tenants.erasure import keep_tenants
from integrations.tenants.unprovisioned import provision_some_missing, tenants_without_alloy_user
from tests.integrations.contrib.backfill.steps import assigned, backfill, old_users
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.outbox.steps import relay_until_quiet
from tests.integrations.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.mark.postgresql
def test_everybody_gets_the_alloy_user_of_their_name_by_one_call_a_batch_and_one_to_list(
    alloy: FakeAlloy,
) -> None:
    old_users(7)
    assert backfill(batch=3) == Summary(assigned=7)
    assert assigned() == alloy.users
    assert AlloyUser.objects.filter(provisioned_at__isnull=False).count() == 7
    assert [call.method for call in alloy.calls] == ["POST", "POST", "POST", "GET"]


def test_afterwards_nothing_is_left_to_do_for_the_outbox_or_a_second_run(alloy: FakeAlloy) -> None:
    old_users(3)
    backfill()
    assert not Message.objects.exists()
    assert not tenants_without_alloy_user().exists()
    before = len(alloy.calls)
    assert backfill() == Summary()
    assert len(alloy.calls) == before


def test_no_alloy_user_is_taken_over_for_what_it_is_called(alloy: FakeAlloy) -> None:
    alloy.users["old0@acme.example"] = "a" * 24
    old_users(2)
    assert backfill() == Summary(assigned=2)
    assert "a" * 24 not in assigned().values()


def test_what_alloy_does_not_take_is_left_to_the_outbox(alloy: FakeAlloy) -> None:
    alloy.fail("/users/batch", Reply(body={"message": "success", "invalidUsers": []}))
    old_users(2)
    assert backfill() == Summary(not_assigned=2)
    assert Message.objects.filter(kind="provision").count() == 2


def test_a_batch_of_which_alloy_takes_nothing_stops_nobody_else(alloy: FakeAlloy) -> None:
    alloy.fail("/users/batch", Reply(400, {"message": "No valid users provided"}))
    old_users(4)
    assert backfill(batch=2) == Summary(assigned=2, not_assigned=2)


def test_a_lost_answer_makes_nobody_twice(alloy: FakeAlloy) -> None:
    alloy.fail("/users/batch", Reply(drop=True), Reply(503))
    old_users(3)
    backfill()
    assert assigned() == alloy.users
    assert len(alloy.users) == 3


def test_after_a_failure_a_second_run_goes_on_where_the_first_stopped(alloy: FakeAlloy) -> None:
    old_users(4)
    answers = iter([None, Reply(401)])
    alloy.fail_always("/users/batch", lambda _: next(answers))
    with pytest.raises(Unauthorized):
        backfill(batch=2)
    alloy.behave()
    assert backfill(batch=2) == Summary(assigned=4)
    assert assigned() == alloy.users


def test_while_alloy_is_down_it_gives_up_in_the_end(alloy: FakeAlloy) -> None:
    old_users(1)
    alloy.fail_always("/users/batch", Reply(500))
    with pytest.raises(ServerFault):
        backfill()
    assert not assigned()


@pytest.mark.parametrize("body", ["<html>", '{"data": [{"userId": "1"}', '{"data": {}}', ""])
def test_half_a_list_is_no_list(alloy: FakeAlloy, body: str) -> None:
    old_users(1)
    alloy.fail("/users", Reply(body=body))
    with pytest.raises(AlloyError):
        backfill()
    assert not assigned()


def test_an_alloy_user_that_is_another_tenants_is_assigned_to_nobody_else(alloy: FakeAlloy) -> None:
    (first,) = old_users(1)
    backfill()
    old_users(3, prefix="new")
    taken = AlloyUser.objects.get(tenant=first).user_id
    add_rows = run.add_rows

    def name_one_twice(tenants: list[User]) -> list[AlloyUser]:
        rows = add_rows(tenants)
        alloy.users[rows[0].username] = taken
        return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "add_rows", name_one_twice)
        assert backfill() == Summary(assigned=2, not_assigned=1)
    assert AlloyUser.objects.get(user_id=taken).tenant == first


@pytest.mark.postgresql
def test_somebody_who_left_in_between_is_told_with_the_alloy_user_to_delete(
    alloy: FakeAlloy, monkeypatch: pytest.MonkeyPatch
) -> None:
    staying, leaving = old_users(2)

    def leave_then_list(client: AlloyClient) -> Iterator[ListedUser]:
        User.objects.filter(pk=leaving.pk).delete()
        yield from each_user(client)

    monkeypatch.setattr(run, "each_user", leave_then_list)
    summary = backfill()
    stays = AlloyUser.objects.get(tenant=staying)
    assert summary.orphans == [id for id in alloy.users.values() if id != stays.user_id]
    assert (summary.assigned, summary.not_assigned) == (1, 0)
    assert AlloyUser.objects.get(user_id=summary.orphans[0]).tenant is None


def test_somebody_who_leaves_at_the_last_moment_is_assigned_nothing(
    alloy: FakeAlloy, monkeypatch: pytest.MonkeyPatch
) -> None:
    (leaving,) = old_users(1)

    def too_late(ids: list[object]) -> list[object]:
        kept = keep_tenants(ids)
        User.objects.filter(pk=leaving.pk).delete()
        return kept if not AlloyUser.objects.exists() else keep_tenants(ids)

    alloy.fail("/users/batch", Reply(body={"message": "success", "invalidUsers": []}))
    backfill()
    monkeypatch.setattr("integrations.contrib.backfill.run.keep_tenants", too_late)
    alloy.fail("/users/batch", Reply(body={"message": "success", "invalidUsers": []}))
    assert backfill() == Summary()
    assert not assigned()


def test_a_row_that_waits_in_the_outbox_is_completed(alloy: FakeAlloy) -> None:
    waiting = User.objects.create_user("waiting@acme.example", "a long pass phrase")
    row = AlloyUser.objects.get(tenant=waiting)
    backfill()
    relay_until_quiet()
    row.refresh_from_db()
    assert row.user_id == alloy.users[row.username]
    assert len(alloy.users) == AlloyUser.objects.count() == 1


def test_another_environment_has_users_of_its_own(
    alloy: FakeAlloy, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_users(1)
    backfill()
    first = conf.environment()
    monkeypatch.setattr("integrations.conf.environment", lambda: "another")
    alloy.users.clear()
    backfill()
    assert set(AlloyUser.objects.values_list("environment", flat=True)) == {first, "another"}


@pytest.mark.django_db(transaction=True)
def test_beside_sign_ups_and_the_outbox_everybody_ends_with_one_alloy_user(
    alloy: FakeAlloy,
) -> None:
    old_users(30)

    def play(part: int) -> None:
        if part == 0:
            backfill(batch=7)
        elif part == 1:
            for number in range(6):
                User.objects.create_user(f"new{number}@acme.example", "a long pass phrase")
        else:
            provision_some_missing(limit=15)
            relay_until_quiet()

    at_once(3, play)
    relay_until_quiet()
    backfill()
    assert len(alloy.users) == AlloyUser.objects.count() == User.objects.count() == 36
    assert assigned() == alloy.users


@pytest.mark.postgresql
def test_the_queries_of_a_piece_do_not_grow_with_the_piece(alloy: FakeAlloy) -> None:
    def queries(count: int, prefix: str) -> int:
        old_users(count, prefix=prefix)
        ran: list[str] = []

        def note(execute: Callable[..., object], sql: str, *rest: object) -> object:
            ran.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            backfill()
        return len(ran)

    assert queries(5, "few") == queries(100, "many")
