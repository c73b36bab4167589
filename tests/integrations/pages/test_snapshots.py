"""At most one call a page, and the last known copy while Alloy is down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event
from unittest.mock import Mock

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from integrations import client
from integrations.alloy import AlloyClient
from integrations.models import AlloyUser, Delivery, IntegrationsSnapshot
from integrations.pages import snapshots
from integrations.pages.snapshots import integrations_in, mark_outdated, snapshot_of
from tests.integrations.deliveries import keep
from tests.integrations.fake_alloy import Call, FakeAlloy, Reply

pytestmark = pytest.mark.django_db

BAD_ANSWERS = [
    *(Reply(400, {"message": "Bad"}), Reply(401, "Unauthorized, Wrong API Key"), Reply(403)),
    *(Reply(404, {"message": "User not found"}), Reply(422, {"message": "No"})),
    *(Reply(429, headers={"Retry-After": "5"}), Reply(429), Reply(500, "<html>Oops</html>")),
    *(Reply(503), Reply(200, ""), Reply(200, "<html>Login</html>"), Reply(200, '{"data": [')),
    Reply(200, '{"data": {"integrationId": 5}}'),
    Reply(200, '{"data": [{"integrationId": 5}]}'),
    Reply(200, '{"data": [{"app": "No id", "installed": true, "workflows": []}]}'),
    *(Reply(200, '{"data": [null]}'), Reply(200, "null"), Reply(200, "[]")),
    *(Reply(302, headers={"Location": "http://127.0.0.1:1/"}), Reply(drop=True)),
]


Meanwhile = Callable[..., None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Let things happen once, between the next question to Alloy and its answer."""

    def happens(*events: Callable[[], object]) -> None:
        def ask() -> AlloyClient:
            monkeypatch.setattr(snapshots, "alloy", client.alloy)
            for event in events:
                event()
            return client.alloy()

        monkeypatch.setattr(snapshots, "alloy", ask)

    return happens


def age(snapshot: IntegrationsSnapshot, **how_long: float) -> None:
    """Let the copy have been fetched so long ago."""
    when = timezone.now() - timedelta(**how_long)
    IntegrationsSnapshot.objects.filter(pk=snapshot.pk).update(fetched_at=when)


def calls(alloy: FakeAlloy) -> int:
    return len(alloy.calls_to("/integrations"))


def test_the_first_look_asks_alloy_once(alloy: FakeAlloy, alloy_user: AlloyUser) -> None:
    snapshot = snapshot_of(alloy_user)
    (call,) = alloy.calls
    assert (call.method, call.query) == ("GET", {"userId": [alloy_user.user_id]})
    assert [each.app for each in integrations_in(snapshot)] == ["BigCommerce", "Slack"]


def test_an_old_copy_is_renewed_a_fresh_one_only_on_request(
    alloy: FakeAlloy, alloy_user: AlloyUser, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "INTEGRATIONS_MAX_AGE": 60}
    age(snapshot_of(alloy_user), seconds=30)
    snapshot_of(alloy_user)
    assert calls(alloy) == 1
    age(snapshot_of(alloy_user), seconds=90)
    snapshot_of(alloy_user)
    assert calls(alloy) == 2
    snapshot_of(alloy_user, refresh=True)
    assert calls(alloy) == 3


def test_news_make_the_copy_old(alloy: FakeAlloy, alloy_user: AlloyUser) -> None:
    snapshot_of(alloy_user)
    mark_outdated(alloy_user)
    snapshot_of(alloy_user)
    snapshot_of(alloy_user)
    assert calls(alloy) == 2


def test_an_installation_nobody_has_processed_yet_is_news(
    alloy: FakeAlloy, alloy_user: AlloyUser, merchant: User
) -> None:
    snapshot_of(alloy_user)
    keep(Delivery.Kind.INSTALLATION, merchant, {}, due_at=timezone.now())
    before = calls(alloy)
    snapshot_of(alloy_user)
    assert calls(alloy) == before + 1


@pytest.mark.postgresql
def test_looking_for_news_reads_nothing_of_what_was_processed(
    alloy_user: AlloyUser, merchant: User
) -> None:
    Delivery.objects.bulk_create(
        Delivery(
            kind=Delivery.Kind.ORDER,
            environment=alloy_user.environment,
            tenant=merchant,
            digest=str(number),
            state=Delivery.State.PROCESSED,
        )
        for number in range(2000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE integrations_delivery")
    assert "installations_that_wait" in snapshots.unprocessed_installations(alloy_user).explain()


def test_news_that_come_while_alloy_answers_are_not_forgotten(
    alloy: FakeAlloy, alloy_user: AlloyUser, meanwhile: Meanwhile
) -> None:
    age(snapshot_of(alloy_user), hours=2)
    meanwhile(lambda: mark_outdated(alloy_user))
    snapshot_of(alloy_user)
    snapshot_of(alloy_user)
    assert calls(alloy) == 3


@pytest.mark.postgresql
def test_an_answer_that_was_overtaken_by_a_newer_one_is_left_aside(
    alloy: FakeAlloy, alloy_user: AlloyUser, meanwhile: Meanwhile
) -> None:
    meanwhile(lambda: snapshot_of(alloy_user), lambda: alloy.integrations.clear())
    shown = snapshot_of(alloy_user)
    assert calls(alloy) == 2
    assert len(integrations_in(shown)) == 2
    assert len(integrations_in(IntegrationsSnapshot.objects.get())) == 2


def test_a_failure_that_was_overtaken_by_an_answer_is_left_aside(
    alloy: FakeAlloy, alloy_user: AlloyUser, meanwhile: Meanwhile
) -> None:
    goes_down = partial(alloy.fail_always, "/integrations", Reply(503))
    meanwhile(lambda: snapshot_of(alloy_user), goes_down)
    shown = snapshot_of(alloy_user)
    assert (shown.last_failure, shown.retry_at) == ("", None)
    assert len(integrations_in(shown)) == 2


@pytest.mark.postgresql
def test_an_answer_about_somebody_who_left_meanwhile_is_left_aside(
    alloy_user: AlloyUser, meanwhile: Meanwhile
) -> None:
    snapshot_of(alloy_user)
    meanwhile(lambda: IntegrationsSnapshot.objects.all().delete())
    snapshot_of(alloy_user, refresh=True)
    assert not IntegrationsSnapshot.objects.exists()


@pytest.mark.parametrize("bad", BAD_ANSWERS, ids=lambda bad: f"{bad.status} {bad.body}"[:40])
def test_every_bad_answer_leaves_the_last_known_copy_or_an_empty_one(
    alloy: FakeAlloy, alloy_user: AlloyUser, bad: Reply
) -> None:
    alloy.fail_always("/integrations", bad)
    empty = snapshot_of(alloy_user)
    assert (integrations_in(empty), empty.fetched_at) == ([], None)
    alloy.behave()
    before = snapshot_of(alloy_user, refresh=True)
    assert integrations_in(before)
    age(before, hours=2)
    alloy.fail_always("/integrations", bad)
    after = snapshot_of(alloy_user)
    assert after.last_failure
    assert integrations_in(after) == integrations_in(before)


def test_after_a_failure_alloy_is_left_alone_for_a_while_or_until_there_is_news(
    alloy: FakeAlloy, alloy_user: AlloyUser
) -> None:
    alloy.fail_always("/integrations", Reply(503))
    for _ in range(4):
        snapshot_of(alloy_user)
    assert calls(alloy) == 1
    IntegrationsSnapshot.objects.update(retry_at=timezone.now())
    snapshot_of(alloy_user)
    assert calls(alloy) == 2
    alloy.behave()
    mark_outdated(alloy_user)
    snapshot = snapshot_of(alloy_user)
    assert (snapshot.last_failure, snapshot.retry_at) == ("", None)


def test_a_slow_alloy_costs_a_page_that_has_a_copy_less_patience(
    alloy: FakeAlloy, alloy_user: AlloyUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Mock(within=Mock(side_effect=client.alloy().within))
    monkeypatch.setattr(snapshots, "alloy", lambda: watched)
    snapshot_of(alloy_user)
    snapshot_of(alloy_user, refresh=True)
    patience = [call.args[0] for call in watched.within.call_args_list]
    assert patience == [snapshots.SECONDS_TO_WAIT_WITHOUT, snapshots.SECONDS_TO_WAIT_WITH_A_COPY]


def test_an_alloy_that_says_nothing_is_given_up(
    alloy: FakeAlloy, alloy_user: AlloyUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Event()

    def hang(call: Call) -> Reply:
        done.wait(10)
        return Reply(503)

    monkeypatch.setattr(snapshots, "SECONDS_TO_WAIT_WITHOUT", 0.2)
    alloy.fail_always("/integrations", hang)
    assert "in time" in snapshot_of(alloy_user).last_failure
    done.set()


def test_a_copy_that_an_older_release_wrote_is_read_anew_and_breaks_nothing(
    alloy: FakeAlloy, alloy_user: AlloyUser
) -> None:
    snapshot = snapshot_of(alloy_user)
    snapshot.data = [{"of": "another shape"}]
    snapshot.save()
    assert integrations_in(snapshot) == []
    age(snapshot, hours=2)
    assert len(integrations_in(snapshot_of(alloy_user))) == 2


def test_what_can_run_scripts_never_becomes_an_icon(
    alloy: FakeAlloy, alloy_user: AlloyUser
) -> None:
    icons = [each.icon for each in integrations_in(snapshot_of(alloy_user))]
    assert icons == ["https://cdn.runalloy.com/icons/bigcommerce.png", ""]
