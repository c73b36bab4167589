from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from integrations.alloy import Unreachable
from integrations.models import Circuit, Message, MessageGroup
from integrations.outbox import circuit
from integrations.outbox.circuit import Breaker, State
from integrations.outbox.handlers import Result
from integrations.outbox.relay import Relay
from tests.integrations.fake_alloy import Call, FakeAlloy, Reply
from tests.integrations.outbox.steps import (
    begin_due,
    let_waits_end,
    relay_once,
    states,
    tell,
)
from tests.integrations.threads import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group", "long_waits")]


def tell_of_many_orders(merchant: User, count: int, *, first: int = 0) -> None:
    for order in range(count):
        tell(merchant, first + order, subject=f"order:{order}")


def open_the_circuit(alloy: FakeAlloy, merchant: User) -> None:
    """Let Alloy fail until nobody calls it any more."""
    alloy.fail_always("/run/event", Reply(503))
    tell_of_many_orders(merchant, 30)
    relay_once()
    assert circuit.is_open()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("senders", "under_way"), [(1, 0), (4, 2 * 4)])
def test_the_circuit_opens_after_five_messages_in_a_row_failed_and_nobody_calls_while_it_is_open(
    alloy: FakeAlloy, merchant: User, senders: int, under_way: int
) -> None:
    alloy.fail_always("/run/event", Reply(503))
    tell_of_many_orders(merchant, 60)
    Relay(senders).drain(seconds=600)
    calls = len(alloy.calls)
    assert circuit.is_open()
    assert circuit.FAILURES_THAT_OPEN <= calls <= circuit.FAILURES_THAT_OPEN + under_way
    assert not MessageGroup.objects.filter(lease__isnull=False).exists(), "all are free again"
    Relay(senders).drain(seconds=600)
    assert len(alloy.calls) == calls


@pytest.mark.parametrize("taken_over", [True, False])
def test_a_sender_that_was_cut_off_opens_it_for_nobody_once_it_is_back(
    alloy: FakeAlloy, merchant: User, taken_over: bool
) -> None:
    tell_of_many_orders(merchant, 10)
    cut_off, attempts = Relay(senders=1), begin_due(10)
    if taken_over:
        MessageGroup.objects.update(lease=uuid.uuid4())
    for each in attempts:
        each.result = Result.from_alloy(Unreachable("The connection to Alloy broke."))
        cut_off._events.put(each)
    cut_off.drain(seconds=600)
    assert circuit.is_open() is not taken_over


def test_an_answer_in_between_starts_the_count_anew(alloy: FakeAlloy, merchant: User) -> None:
    def two_of_three_fail(call: Call) -> Reply | None:
        return Reply(503) if call.body["data"]["number"] % 3 else None

    alloy.fail_always("/run/event", two_of_three_fail)
    tell_of_many_orders(merchant, 30)
    relay_once()
    assert not circuit.is_open()


@pytest.mark.parametrize(("status", "state"), [(422, "dead"), (429, "waiting")])
def test_a_refusal_is_an_answer_too(
    alloy: FakeAlloy, merchant: User, status: int, state: str
) -> None:
    alloy.fail_always("/run/event", Reply(status))
    tell_of_many_orders(merchant, 10)
    relay_once()
    assert (states(), circuit.is_open()) == ([state] * 10, False)


def test_one_message_that_fails_for_ever_never_opens_it(alloy: FakeAlloy, merchant: User) -> None:
    alloy.fail_always("/run/event", Reply(503))
    tell(merchant)
    for _ in range(10):
        relay_once()
        let_waits_end()
    assert (circuit.is_open(), len(alloy.calls)) == (False, 10)


@pytest.mark.django_db(transaction=True)
def test_while_it_is_open_one_sender_gets_one_probe_a_wait(
    alloy: FakeAlloy, merchant: User
) -> None:
    open_the_circuit(alloy, merchant)
    let_waits_end()
    found = at_once(8, lambda _: Breaker().acquire())
    assert sorted(found, key=lambda state: state.name) == [State.HALF_OPEN, *[State.OPEN] * 7]


def test_the_failures_of_probes_do_not_count_against_their_messages(
    alloy: FakeAlloy, merchant: User, settings: Settings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "MAX_ATTEMPTS": 2}
    open_the_circuit(alloy, merchant)
    before = sum(MessageGroup.objects.values_list("failures", flat=True))
    for probes in range(1, 6):
        let_waits_end()
        relay_once()
        assert len(alloy.calls) == circuit.FAILURES_THAT_OPEN + probes
    assert sum(MessageGroup.objects.values_list("failures", flat=True)) == before
    assert states() == ["waiting"] * 30


@pytest.mark.usefixtures("_time_stands_still")
def test_waits_between_probes_grow_to_half_a_minute(
    alloy: FakeAlloy, merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    monkeypatch.setattr(circuit, "WAITS", (2.0, 4.0, 15.0, 15.0, 30.0))
    open_the_circuit(alloy, merchant)
    waits = []
    for _ in range(7):
        open_until = Circuit.objects.get().open_until
        assert open_until is not None
        waits.append((open_until - timezone.now()).total_seconds())
        let_waits_end()
        relay_once()
    assert waits == [2, 4, 15, 15, 30, 30, 30]


@pytest.mark.django_db(transaction=True)  # on PostgreSQL the relay is in none when it closes
def test_what_waited_because_alloy_was_down_goes_out_in_order_as_soon_as_it_is_up(
    alloy: FakeAlloy, merchant: User, caplog: pytest.LogCaptureFixture
) -> None:
    open_the_circuit(alloy, merchant)
    assert MessageGroup.objects.filter(resume_at__isnull=False).count() == 5
    tell_of_many_orders(merchant, 30, first=100)  # a second one for each order
    alloy.behave()
    Circuit.objects.update(open_until=timezone.now())
    caplog.clear()
    relay_once()  # without any back-off coming to its end
    assert (states(), caplog.text.count("'circuit_closed'")) == (["delivered"] * 60, 1)
    sent = [event["number"] for event in alloy.events]
    assert all(sent.index(number) < sent.index(number + 100) for number in range(30))
    row = Circuit.objects.get()
    assert (row.failures, row.openings, row.open_until) == (0, 0, None)
    assert not MessageGroup.objects.filter(resume_at__isnull=False).exists()


@pytest.mark.postgresql
def test_nothing_goes_out_before_its_own_retry_after(alloy: FakeAlloy, merchant: User) -> None:
    alloy.fail("/run/event", *[Reply(503, headers={"Retry-After": "300"})] * 3)
    tell_of_many_orders(merchant, 3)
    relay_once()
    alloy.fail_always("/run/event", Reply(503))
    for number in range(10, 15):
        tell(merchant, number, subject=f"order:{number}")
    relay_once()
    alloy.behave()
    Circuit.objects.update(open_until=timezone.now())
    relay_once()
    assert [it["number"] for it in alloy.events] == [12, 13, 14, 10, 11]
    soon = timezone.now() + timedelta(seconds=290)
    assert MessageGroup.objects.filter(due_at__gt=soon).count() == 3


def test_what_fails_after_a_successful_probe_counts_again(alloy: FakeAlloy, merchant: User) -> None:
    open_the_circuit(alloy, merchant)
    MessageGroup.objects.update(failures=0)
    tell_of_many_orders(merchant, 30, first=100)  # a second one for each order
    alloy.behave()
    calls = len(alloy.calls_to("/run/event"))

    def fail_after_the_probe(_: Call) -> Reply | None:
        return Reply(503) if len(alloy.calls_to("/run/event")) > calls + 1 else None

    alloy.fail_always("/run/event", fail_after_the_probe)
    let_waits_end()
    relay_once()
    assert MessageGroup.objects.get(messages__state="delivered").failures == 1


def test_a_probe_that_made_no_call_is_given_to_the_next_message(
    alloy: FakeAlloy, merchant: User, other_merchant: User
) -> None:
    open_the_circuit(alloy, merchant)
    alloy.behave()
    MessageGroup.objects.update(due_at=None)
    Message.objects.filter(kind="provision").update(state="discarded")
    for number in range(5):
        tell(other_merchant, number, subject=f"waits for its Alloy user:{number}")
    let_waits_end()
    tell(merchant, 100, subject="order:100")
    relay_once()
    assert {"number": 100} in alloy.events
    assert not circuit.is_open()


@pytest.mark.postgresql
def test_a_probe_is_not_lost_when_other_senders_take_what_was_due(
    alloy: FakeAlloy, merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_the_circuit(alloy, merchant)
    let_waits_end()
    taken, acquire = [], Breaker.acquire

    def acquire_too_late(breaker: Breaker) -> State:
        state = acquire(breaker)
        taken.extend(begin_due(100))
        return state

    with monkeypatch.context() as patch:
        patch.setattr(Breaker, "acquire", acquire_too_late)
        relay_once()
    assert len(taken) == 30
    assert len(alloy.calls) == circuit.FAILURES_THAT_OPEN, "nobody has probed"
    assert Breaker().acquire() is State.HALF_OPEN


@pytest.mark.parametrize("on_opening", [True, False], ids=["on opening", "on a probe"])
@pytest.mark.parametrize(("asked", "obeyed"), [(300, 300), (86400, 3600)])
def test_nobody_calls_before_the_retry_after_unless_it_is_absurd(
    alloy: FakeAlloy, merchant: User, on_opening: bool, asked: int, obeyed: int
) -> None:
    reply = Reply(503, headers={"Retry-After": str(asked)})
    if on_opening:
        alloy.fail_always("/run/event", reply)
        tell_of_many_orders(merchant, 10)
    else:
        open_the_circuit(alloy, merchant)
        alloy.fail("/run/event", reply)
        let_waits_end()
    relay_once()
    open_until = Circuit.objects.get().open_until
    assert open_until is not None
    assert abs((open_until - timezone.now()).total_seconds() - obeyed) < 60


def test_the_breaker_of_another_environment_is_another_one(
    alloy: FakeAlloy, merchant: User
) -> None:
    Circuit.objects.create(
        environment="another", failures=9, open_until=timezone.now() + timedelta(hours=1)
    )
    tell(merchant)
    relay_once()
    assert states() == ["delivered"]
