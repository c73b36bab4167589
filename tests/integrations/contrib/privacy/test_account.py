from __future__ import annotations

from typing import Any

import pytest
from django.db.models.signals import post_delete
from pytest_django import Settings

from accounts.models import User
from integrations.contrib.activity.models import WorkflowFailure
from integrations.contrib.privacy.models import Erasure
from integrations.contrib.privacy.services import Requester, account_erase, logs_erase
from integrations.models import AlloyUser, Attempt, Delivery, IntegrationsSnapshot, Message
from integrations.tenants.sign_up import provision
from tests.integrations.admin import rows
from tests.integrations.contrib.activity.steps import streamed
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.outbox.steps import let_waits_end, relay_once, relay_until_quiet, tell

pytestmark = pytest.mark.django_db

IN_ORDER = [
    ("PUT", "deactivate-workflows"),
    ("DELETE", "logs"),
    ("GET", "credentials"),
    ("DELETE", "c1"),
    ("DELETE", "c2"),
]


def erase(merchant: User) -> None:
    account_erase(tenant=merchant, requested_by=Requester.MERCHANT)


def erase_wholly(merchant: User) -> None:
    """Erase an account here and at Alloy."""
    erase(merchant)
    relay_until_quiet()


def calls(alloy: FakeAlloy) -> list[tuple[str, str]]:
    return [(call.method, call.path.rpartition("/")[2]) for call in alloy.calls]


@pytest.mark.postgresql
def test_everything_goes_here_at_once_and_at_alloy_in_order(
    alloy: FakeAlloy, merchant: User, alloy_user: AlloyUser
) -> None:
    rows.dead_letter(merchant)
    rows.delivery(merchant)
    streamed(merchant)
    IntegrationsSnapshot.objects.create(alloy_user=alloy_user, data=[{"app": "x"}])
    erase(merchant)
    for model in (User, Delivery, WorkflowFailure, IntegrationsSnapshot):
        assert not model._default_manager.exists()
    assert alloy.calls == []
    relay_until_quiet()
    assert calls(alloy) == [*IN_ORDER, ("DELETE", alloy_user.user_id)]


def test_the_record_names_nobody_and_says_when_each_part_was_done(
    merchant: User, alloy_user: AlloyUser
) -> None:
    key = str(merchant.pk)
    erase_wholly(merchant)
    erasure = Erasure.objects.get()
    assert (erasure.tenant_key, erasure.scope, erasure.requested_by) == (key, "account", "merchant")
    assert all([erasure.here_at, erasure.logs_at, erasure.credentials_at, erasure.user_at])
    assert erasure.finished_at == erasure.user_at
    tombstone = AlloyUser.objects.get()
    assert (tombstone.username, tombstone.full_name) == ("", "")
    assert tombstone.user_id == alloy_user.user_id


def test_nothing_of_what_was_told_stays_readable(merchant: User) -> None:
    rows.message(merchant)
    rows.dead_letter(merchant, error="no order of Jane Doe")
    erase(merchant)
    events = Message.objects.filter(kind="event")
    assert {each.state for each in events} == {Message.State.DISCARDED}
    assert {str(each.payload) + each.last_error for each in events} == {"{}"}
    assert not Attempt.objects.exclude(error="").exists()


NOTHING = {"message": "Nothing is active"}


@pytest.mark.parametrize(
    ("path", "replies"),
    [
        ("/deactivate-workflows", [Reply(503)]),
        ("/deactivate-workflows", [Reply(404, NOTHING)]),
        ("/deactivate-workflows", [Reply(422, NOTHING)]),
        ("/credentials/c1", [Reply(500)]),
        ("/credentials/c2", [Reply(401)] * 3),
        ("/credentials/c2", [Reply(403)] * 3),
        ("/credentials/c2", [Reply(404)]),
        ("/users/{}", [Reply(drop=True)]),
        ("/users/{}", [Reply(404)]),
    ],
)
def test_whatever_alloy_answers_in_between_nothing_is_left_behind(
    alloy: FakeAlloy, merchant: User, alloy_user: AlloyUser, path: str, replies: list[Reply]
) -> None:
    alloy.fail(path.format(alloy_user.user_id), *replies)
    erase_wholly(merchant)
    assert {("DELETE", "logs"), ("DELETE", alloy_user.user_id)} <= set(calls(alloy))
    assert Erasure.objects.get().finished_at is not None


def test_an_erasure_of_logs_that_was_under_way_ends_with_that_of_the_account(
    merchant: User, alloy_user: AlloyUser
) -> None:
    logs_erase(tenant=merchant, requested_by=Requester.MERCHANT)
    erase_wholly(merchant)
    assert not Erasure.objects.filter(finished_at=None).exists()
    assert Erasure.objects.get(scope=Erasure.Scope.LOGS).logs_at is not None


def test_a_refusal_is_asked_again_and_nothing_overtakes_it(
    alloy: FakeAlloy, merchant: User, alloy_user: AlloyUser, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "MAX_ATTEMPTS": 2}
    alloy.fail_always("/logs", Reply(409, {"message": "A workflow is running"}))
    erase(merchant)
    for _ in range(8):
        relay_once()
        let_waits_end()
    assert ("DELETE", alloy_user.user_id) not in calls(alloy)
    waiting = Message.objects.get(kind="erase_logs")
    assert (waiting.state, "A workflow is running" in waiting.last_error) == ("waiting", True)
    alloy.fail_always("/logs", Reply(body={"message": "Success"}))
    relay_until_quiet()
    assert Erasure.objects.get().finished_at is not None


@pytest.mark.parametrize("way", ["row", "rows"])
def test_a_row_deleted_by_whatever_route_is_erased_at_alloy(
    alloy: FakeAlloy, merchant: User, alloy_user: AlloyUser, way: str
) -> None:
    if way == "row":
        merchant.delete()
    else:
        User.objects.filter(pk=merchant.pk).delete()
    relay_until_quiet()
    assert calls(alloy)[-1] == ("DELETE", alloy_user.user_id)
    assert Erasure.objects.get().requested_by == "operator"


def test_a_user_who_is_still_to_be_made_is_not_made_any_more(
    alloy: FakeAlloy, other_merchant: User
) -> None:
    erase_wholly(other_merchant)
    assert alloy.users == {}
    assert Erasure.objects.get().finished_at is not None


def test_a_user_whose_making_was_answered_to_nobody_is_found_and_erased(
    alloy: FakeAlloy, other_merchant: User
) -> None:
    alloy.fail("/users", Reply(drop=True))
    relay_once()
    user_id = alloy.users[AlloyUser.objects.get(tenant=other_merchant).username]
    alloy.fail_always(f"/users/{user_id}", Reply(body={"success": True}))
    erase_wholly(other_merchant)
    assert ("DELETE", user_id) in calls(alloy)


def test_who_signs_up_anew_keeps_their_alloy_user_while_the_old_one_is_erased(
    alloy: FakeAlloy, other_merchant: User
) -> None:
    erase(other_merchant)
    newcomer = User.objects.create_user(other_merchant.email)
    relay_until_quiet()
    mine = AlloyUser.objects.get(tenant=newcomer).user_id
    assert mine in alloy.users.values()
    assert ("DELETE", mine) not in calls(alloy)


def test_a_row_that_is_deleted_leaves_alloy_alone_unless_the_settings_ask_for_it(
    alloy: FakeAlloy, merchant: User, alloy_user: AlloyUser, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "DELETE_AT_ALLOY": False}
    tell(merchant)
    merchant.delete()
    relay_until_quiet()
    assert alloy.calls == []
    assert not Erasure.objects.exists()
    alloy_user.refresh_from_db()
    assert (alloy_user.tenant, alloy_user.full_name) == (None, "")


def test_a_user_of_another_key_waits_for_that_key(
    alloy: FakeAlloy, merchant: User, alloy_user: AlloyUser, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_another"}
    provision(tenant=merchant)
    erase(merchant)
    relay_once()
    unfinished = Erasure.objects.filter(finished_at=None)
    assert [each.environment for each in unfinished] == [alloy_user.environment]
    assert ("DELETE", alloy_user.user_id) not in calls(alloy)
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_of_the_tests"}
    relay_until_quiet()
    assert ("DELETE", alloy_user.user_id) in calls(alloy)
    assert not Erasure.objects.filter(finished_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_saved_at_the_very_moment_of_erasing_is_erased_as_well(merchant: User) -> None:
    pk, moments = merchant.pk, iter(["once"])

    def save_once(**_signal: Any) -> None:
        for _ in moments:
            rows.delivery(User(pk=pk))

    post_delete.connect(save_once, sender=User)
    try:
        erase(merchant)
    finally:
        post_delete.disconnect(save_once, sender=User)
    assert not User.objects.exists()
    assert not Delivery.objects.filter(tenant=pk).exists()
