from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from integrations.models import AlloyUser, Attempt, Circuit, Message, MessageGroup
from integrations.outbox import handlers as registry
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.outbox.steps import (
    let_waits_end,
    outcomes,
    relay_once,
    relay_until_quiet,
    states,
    tell,
    wait_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group", "long_waits")]


@pytest.mark.parametrize("status", [400, 404, 409, 410, 422])
def test_a_refusal_is_a_dead_letter_at_once_with_its_reason(
    alloy: FakeAlloy, merchant: User, status: int
) -> None:
    alloy.fail("/run/event", Reply(status, {"message": "No such event"}))
    message = tell(merchant)
    relay_once()
    message.refresh_from_db()
    assert (message.state, message.attempts_made, message.settled_at is None) == ("dead", 1, False)
    assert "No such event" in message.last_error
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.status) == ("refused", status)


def test_later_messages_pass_a_dead_letter(alloy: FakeAlloy, merchant: User) -> None:
    alloy.fail("/run/event", Reply(422))
    tell(merchant, 1), tell(merchant, 2)
    relay_once()
    assert (states(), alloy.events) == (["dead", "delivered"], [{"number": 2}])


UNCLEAR = [
    *(Reply(500), Reply(502, "<html>Bad gateway</html>"), Reply(302, headers={"Location": "/x"})),
    *(Reply(200, "<html>Maintenance</html>"), Reply(200, ""), Reply(200, '{"message": "ok')),
    Reply(drop=True),
]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        *((Reply(status), "temporary") for status in (408, 425, 429, 503)),
        *((reply, "ambiguous") for reply in UNCLEAR),
    ],
    ids=str,
)
def test_what_may_pass_is_tried_again_under_the_same_key(
    alloy: FakeAlloy, merchant: User, reply: Reply, outcome: str
) -> None:
    alloy.fail("/run/event", reply)
    message = tell(merchant)
    relay_once()
    message.refresh_from_db()
    assert (message.state, bool(message.last_error)) == ("waiting", True)
    let_waits_end()
    relay_once()
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("delivered", "")
    assert outcomes(message) == [outcome, "accepted"]
    assert {call.idempotency_key for call in alloy.calls_to("/run/event")} == {str(message.uid)}


def test_a_message_is_given_up_after_so_many_failures(
    alloy: FakeAlloy, merchant: User, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "MAX_ATTEMPTS": 8}
    alloy.fail_always("/run/event", Reply(503))
    message = tell(merchant)
    relay_until_quiet()
    message.refresh_from_db()
    assert (message.state, message.attempts_made) == ("dead", 8)
    assert MessageGroup.objects.get().failures == 0, "the next message starts afresh"


@pytest.mark.usefixtures("_time_stands_still")
@pytest.mark.parametrize(
    ("status", "asked", "obeyed"), [(429, 120, 120), (429, 86400, 3600), (503, 86400, 3600)]
)
def test_retry_after_is_obeyed_unless_it_is_absurd(
    alloy: FakeAlloy, merchant: User, group: MessageGroup, status: int, asked: int, obeyed: int
) -> None:
    alloy.fail("/run/event", Reply(status, headers={"Retry-After": str(asked)}))
    tell(merchant)
    relay_once()
    assert wait_of(group) == timedelta(seconds=obeyed)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_makes_no_dead_letters(
    alloy: FakeAlloy, merchant: User, settings: Settings, status: int
) -> None:
    settings.ALLOY = {**settings.ALLOY, "MAX_ATTEMPTS": 3}
    alloy.fail_always("/run/event", Reply(status, {"message": "Unauthorized"}))
    for number in range(3):
        tell(merchant, number, subject=f"order:{number}")
    for _ in range(12):
        relay_once()
        let_waits_end()
    assert states() == ["waiting"] * 3
    assert Circuit.objects.get().open_until is not None
    alloy.behave()
    relay_until_quiet()
    assert states() == ["delivered"] * 3


@pytest.mark.postgresql
def test_a_bug_in_a_handler_is_tried_again_and_says_nothing_about_alloy(
    merchant: User, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "MAX_ATTEMPTS": 7}

    def broken(message: Message) -> None:
        raise ValueError("bad\0value \ud800 with Bearer abcdefgh12345678")

    monkeypatch.setitem(registry._handlers, "event", broken)
    message = tell(merchant)
    relay_until_quiet()
    message.refresh_from_db()
    assert (message.state, message.attempts_made) == ("dead", 7)
    assert message.last_error.startswith("ValueError: bad")
    assert "abcdefgh" not in message.last_error
    assert not Circuit.objects.filter(failures__gt=0).exists()


def test_a_kind_without_a_handler_becomes_a_dead_letter_in_the_end(
    merchant: User, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "MAX_ATTEMPTS": 2}
    message = tell(merchant)
    Message.objects.update(kind="of the next release")
    relay_until_quiet()
    message.refresh_from_db()
    assert message.state == "dead"


def test_events_of_a_tenant_without_alloy_user_wait_and_then_go(
    alloy: FakeAlloy, other_merchant: User, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "MAX_ATTEMPTS": 3}
    alloy.fail_always("/users", Reply(401))
    event = tell(other_merchant, 7)
    for _ in range(8):
        relay_once()
        let_waits_end()
    event.refresh_from_db()
    assert (event.state, alloy.calls_to("/run/event")) == ("waiting", [])
    alloy.behave()
    relay_until_quiet()
    assert alloy.events == [{"number": 7}]


@pytest.mark.postgresql
def test_a_new_alloy_user_wakes_the_events_that_waited_for_it(
    alloy: FakeAlloy, other_merchant: User
) -> None:
    event = tell(other_merchant)
    MessageGroup.objects.filter(pk=event.group_id).update(
        due_at=timezone.now() + timedelta(minutes=9), failures=4
    )
    relay_once()
    event.refresh_from_db()
    assert event.state == "delivered"


def test_events_of_an_erased_tenant_are_not_sent(
    alloy: FakeAlloy, merchant: User, alloy_user: AlloyUser
) -> None:
    tell(merchant)
    merchant.delete()
    relay_until_quiet()
    assert alloy.events == []
