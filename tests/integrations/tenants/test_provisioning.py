"""Sign-up: every tenant gets one Alloy user, whatever happens in between."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from integrations import conf
from integrations.alloy import NotFound
from integrations.models import AlloyUser, Message, MessageGroup
from integrations.models.tenancy import full_name_of, new_username
from integrations.tenants import unprovisioned
from integrations.tenants.provisioning import (
    NotProvisionedYet,
    create_alloy_user,
    recreated_if_gone,
    user_id_of,
)
from integrations.tenants.sign_up import alloy_user_of, provision
from integrations.tenants.unprovisioned import provision_some_missing, tenants_without_alloy_user
from tests.integrations.fake_alloy import Call, FakeAlloy, Reply
from tests.integrations.outbox.steps import relay_once, relay_until_quiet, tell
from tests.integrations.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _surroundings(alloy: FakeAlloy, woken: object) -> None:
    """Alloy is the fake one, and nobody is woken."""


def sign_up(email: str = "jane@acme.example", **fields: str) -> User:
    return User.objects.create_user(email, "a long pass phrase", **fields)


def name_of(user: User) -> str:
    return alloy_user_of(user).username


def test_a_new_user_gets_an_alloy_user_whose_name_carries_installation_and_row(
    alloy: FakeAlloy,
) -> None:
    user = sign_up(name="Jane Doe")
    relay_once()
    alloy_user = alloy_user_of(user)
    assert alloy_user.username.startswith(f"localhost.accounts.user-{user.pk}-")
    (call,) = alloy.calls
    assert (call.method, call.body) == (
        "POST",
        {"username": alloy_user.username, "fullName": "Jane Doe <jane@acme.example>"},
    )
    assert alloy_user.user_id == alloy.users[alloy_user.username] == user_id_of(user)
    assert alloy_user.is_ready
    assert alloy_user.provisioned_at is not None


def test_no_alloy_user_is_adopted_by_name_and_no_two_installations_share_one(
    alloy: FakeAlloy,
) -> None:
    alloy.users["jane@acme.example"] = "a" * 24
    user = sign_up()
    first = name_of(user)
    relay_until_quiet()
    assert user_id_of(user) != "a" * 24
    # The same row in another database that shares the key.
    assert new_username(user) != first


def test_changing_a_user_asks_for_nothing_more(alloy: FakeAlloy) -> None:
    user = sign_up()
    user.name = "Jane"
    user.save()
    provision(tenant=user)
    relay_until_quiet()
    assert len(alloy.calls) == 1


def test_who_was_not_committed_or_left_at_once_needs_no_alloy_user(alloy: FakeAlloy) -> None:
    with transaction.atomic():
        sign_up()
        transaction.set_rollback(True)
    relay_until_quiet()
    assert (alloy.calls, Message.objects.count()) == ([], 0)
    sign_up().delete()
    relay_until_quiet()
    assert alloy.users == {}


@pytest.mark.parametrize(
    "replies",
    [
        [Reply(503), Reply(500), Reply(429)],
        [Reply(drop=True)],  # made, and nobody heard of it
        [Reply(422, {"message": "Username already exists"})],  # taken, and not found
    ],
    ids=["down", "answer lost", "taken"],
)
def test_whatever_alloy_answers_first_there_is_one_in_the_end(
    alloy: FakeAlloy, replies: list[Reply]
) -> None:
    alloy.fail("/users", *replies)
    user = sign_up()
    relay_once()
    with pytest.raises(NotProvisionedYet):
        user_id_of(user)
    relay_until_quiet()
    assert user_id_of(user) == alloy.users[name_of(user)]
    assert len(alloy.users) == 1


def test_an_alloy_user_that_is_another_tenants_is_not_shared(alloy: FakeAlloy) -> None:
    other = sign_up("other@acme.example")
    relay_until_quiet()
    user = sign_up()
    alloy.users[name_of(user)] = user_id_of(other)
    relay_until_quiet()
    mine = alloy_user_of(user)
    assert mine.user_id == alloy.users[mine.username] != user_id_of(other)


class TestAnAlloyUserThatIsGone:
    """Somebody deleted it in Alloy's dashboard."""

    @pytest.fixture
    def user(self, alloy: FakeAlloy) -> User:
        user = sign_up()
        relay_until_quiet()
        gone = user_id_of(user)
        alloy.users = {"somebody else": "e" * 24}
        alloy.gone.add(gone)

        def knows(call: Call) -> Reply | None:
            asked = {*call.query.get("userId", ()), str(call.body.get("userId", ""))}
            return Reply(404, {"message": "User not found"}) if gone in asked else None

        alloy.fail_always("/integrations", knows)
        alloy.fail_always("/run/event", knows)
        return user

    def test_the_page_says_so_and_it_heals(self, alloy: FakeAlloy, user: User) -> None:
        lost = user_id_of(user)
        client = Client()
        client.force_login(user)
        assert b"no longer knew your account" in client.get("/integrations/").content
        relay_until_quiet()
        assert user_id_of(user) == alloy.users[name_of(user)] != lost
        assert b"it was set up again" in client.get("/integrations/").content

    def test_an_event_waits_for_the_new_one(self, alloy: FakeAlloy, user: User) -> None:
        tell(user, 1)
        relay_until_quiet()
        assert alloy.events == [{"number": 1}]
        assert AlloyUser.objects.count() == 1

    def test_it_is_made_again_once_however_many_notice(self, user: User) -> None:
        for _ in range(3):
            row = AlloyUser.objects.get()
            row.user_id = row.user_id or "already forgotten"
            with pytest.raises(NotProvisionedYet), recreated_if_gone(row):
                raise NotFound("User not found")
        assert Message.objects.filter(state="waiting").count() == 1


def test_what_alloy_does_not_find_says_nothing_about_a_user_that_is_there(alloy: FakeAlloy) -> None:
    user = sign_up()
    relay_until_quiet()
    alloy.fail("/run/event", Reply(404, {"message": "Event not found"}))
    message = tell(user, 1)
    relay_until_quiet()
    message.refresh_from_db()
    assert message.state == "dead"
    assert alloy_user_of(user).lost_at is None


def test_who_signs_up_again_does_not_inherit_what_was_left_behind(alloy: FakeAlloy) -> None:
    first = sign_up()
    relay_until_quiet()
    left_behind = user_id_of(first)
    first.delete()
    second = sign_up()
    relay_until_quiet()
    assert user_id_of(second) != left_behind
    assert AlloyUser.objects.get(user_id=left_behind).tenant is None


def test_a_changed_key_means_another_alloy_user_for_everybody(
    alloy: FakeAlloy, settings: Settings
) -> None:
    user, other = sign_up(), sign_up("other@acme.example")
    relay_until_quiet()
    old = user_id_of(user)
    assert not tenants_without_alloy_user().exists()
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_of_another_environment"}
    assert list(tenants_without_alloy_user()) == [user, other]
    alloy.users = {"somebody": old}
    with pytest.raises(NotProvisionedYet):
        user_id_of(user)
    provision_some_missing()
    relay_until_quiet()
    assert user_id_of(user) != old
    assert alloy.calls[-1].headers["Authorization"] == "Bearer sandbox_of_another_environment"
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_of_the_tests"}
    assert user_id_of(user) == old


def test_a_rotated_key_of_a_named_environment_keeps_the_alloy_users(
    alloy: FakeAlloy, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "ENVIRONMENT": "production"}
    user = sign_up()
    relay_until_quiet()
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_rotated"}
    assert user_id_of(user) == alloy.users[name_of(user)]


def test_the_name_of_an_environment_does_not_give_the_key_away() -> None:
    assert conf.account().api_key not in conf.environment()
    assert "sandbox_of_the_tests" not in repr(conf.account())


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_create_the_same_user_end_with_one(alloy: FakeAlloy) -> None:
    user = sign_up()
    row = alloy_user_of(user)

    def create(_: int) -> str:
        create_alloy_user(Message(payload={"alloy_user": row.pk}))
        return AlloyUser.objects.get(pk=row.pk).user_id

    assert len(set(at_once(2, create))) == len(alloy.users) == 1


@pytest.mark.django_db(transaction=True)
def test_asking_at_once_asks_once() -> None:
    (user,) = User.objects.bulk_create([User(email="bulk@acme.example")])
    at_once(6, lambda _: provision(tenant=user))
    assert (AlloyUser.objects.count(), Message.objects.count()) == (1, 1)


@pytest.mark.postgresql
def test_bulk_inserts_are_found(alloy: FakeAlloy) -> None:
    User.objects.bulk_create(User(email=f"{number}@acme.example") for number in range(7))
    assert provision_some_missing(limit=5) == 5
    assert provision_some_missing(limit=5) == 2
    assert provision_some_missing(limit=5) == 0
    relay_until_quiet()
    assert len(alloy.users) == 7


@pytest.mark.postgresql
def test_a_look_for_missing_ones_costs_three_queries_and_reads_only_some_tenants(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unprovisioned, "LOOKED_AT", 3)
    User.objects.bulk_create(User(email=f"{number}@acme.example") for number in range(7))
    assert [provision_some_missing() for _ in range(4)] == [3, 3, 1, 0]
    with CaptureQueriesContext(connection) as queries:
        provision_some_missing()
    assert len(queries) == 3


@pytest.mark.postgresql
def test_a_row_that_nobody_asked_for_is_asked_for_in_the_end(alloy: FakeAlloy) -> None:
    sign_up()
    Message.objects.all().delete()
    MessageGroup.objects.all().delete()
    provision_some_missing()
    assert not Message.objects.exists()  # whoever made the row may be about to
    AlloyUser.objects.update(created_at=timezone.now() - timedelta(days=1))
    provision_some_missing()
    provision_some_missing()
    assert Message.objects.get().kind == "provision"


@pytest.mark.postgresql
def test_a_restored_backup_is_taken_as_it_is(tmp_path: Path) -> None:
    sign_up()
    relay_until_quiet()
    backup = tmp_path / "backup.json"
    call_command("dumpdata", "accounts", "integrations", output=str(backup))
    before = list(AlloyUser.objects.values())
    # As after a restore into a database that numbers its rows differently.
    rows = json.loads(backup.read_text())
    for row in rows:
        row["pk"] += 1000 if row["model"] == "integrations.alloyuser" else 0
    backup.write_text(json.dumps([row for row in rows if row["model"] in WHO]))
    Message.objects.all().delete()
    MessageGroup.objects.all().delete()
    AlloyUser.objects.all().delete()
    User.objects.all().delete()
    call_command("loaddata", str(backup), verbosity=0)
    after = list(AlloyUser.objects.values())
    assert [row["user_id"] for row in after] == [row["user_id"] for row in before]


WHO = ("accounts.user", "integrations.alloyuser")


def test_a_page_view_of_a_known_tenant_writes_nothing() -> None:
    user = sign_up()
    with CaptureQueriesContext(connection) as queries:
        alloy_user_of(user)
    assert len(queries) == 1
    assert queries[0]["sql"].startswith("SELECT")


def test_a_tenant_that_is_no_user_is_named_by_model_and_key(settings: Settings) -> None:
    class Shop(SimpleNamespace):
        def __str__(self) -> str:
            return "Corner shop"

    settings.ALLOY = {**settings.ALLOY, "INSTALLATION": "acme-staging"}
    shop = Shop(pk=7, _meta=SimpleNamespace(label_lower="shops.shop"))
    assert new_username(shop).startswith("acme-staging.shops.shop-7-")
    assert full_name_of(shop) == "Corner shop"
