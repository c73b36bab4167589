"""Two orders of a hundred are poison: one is refused, the other fails, as often as it is sent."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from integrations.models import Message
from integrations.outbox.relay import Relay
from tests.full_size import size
from tests.integrations.admin.steps import act, list_of, look_at
from tests.integrations.fake_alloy import Call, FakeAlloy, Reply
from tests.integrations.outbox.steps import let_waits_end, relay_once, relay_until_quiet, tell

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("alloy_user"),
    pytest.mark.scenario(7),
]

HEALTHY = size(98, usual=12)
ROUNDS = size(5, usual=2)
RELAYS = 2
REFUSED, FAILING = 1_000_000, 2_000_000


@pytest.fixture
def told_at(alloy: FakeAlloy) -> dict[int, float]:
    """Note when Alloy was told each number; it refuses one order's, and fails on another's."""
    times: dict[int, float] = {}

    def answer(call: Call) -> Reply | None:
        number = call.body["data"]["number"]
        if number >= FAILING:
            return Reply(503)
        if number >= REFUSED:
            return Reply(422, {"message": "No such order"})
        times.setdefault(number, time.monotonic())
        return None

    alloy.fail_always("/run/event", answer)
    return times


@contextmanager
def relays() -> Iterator[None]:
    """Send whatever is due for as long as the block lasts, and then what is left of it."""
    stop = threading.Event()

    def send() -> None:
        Relay(senders=4).run(stop, interval=0.02)
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(RELAYS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def delays(merchant: User, told_at: dict[int, float], *, first: int, poison: bool) -> list[float]:
    """Publish for every healthy order in turn, and return how long Alloy had to wait for each."""
    published = {}
    with relays():
        for turn in range(ROUNDS):
            if poison:
                tell(merchant, REFUSED + turn, subject="order:refused")
                tell(merchant, FAILING + turn, subject="order:failing")
            for order in range(HEALTHY):
                number = first + turn * HEALTHY + order
                tell(merchant, number, subject=f"order:{order}")
                published[number] = time.monotonic()
        ends = time.monotonic() + 120
        while published.keys() - told_at.keys():
            assert time.monotonic() < ends, "a healthy order was never told"
            time.sleep(0.05)
    return [told_at[number] - published[number] for number in published]


def percentile_95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)]


def test_they_are_parked_hold_up_nobody_and_go_out_in_order_when_retried(
    alloy: FakeAlloy,
    told_at: dict[int, float],
    merchant: User,
    operator_client: Client,
    settings: Settings,
    record_property: Callable[[str, object], None],
) -> None:
    settings.ALLOY = {**settings.ALLOY, "MAX_ATTEMPTS": 6}
    alone = delays(merchant, told_at, first=0, poison=False)
    beside = delays(merchant, told_at, first=HEALTHY * ROUNDS, poison=True)
    record_property("p95 of the healthy alone, seconds", round(percentile_95(alone), 3))
    record_property("p95 of the healthy beside poison, seconds", round(percentile_95(beside), 3))
    healthy = Message.objects.filter(payload__number__lt=REFUSED)
    assert not healthy.filter(attempts_made__gt=1).exists(), "tried twice"
    assert in_order(alloy, below=REFUSED)

    park_the_failing_one()
    assert [told for told in told_at if told >= REFUSED] == []
    states = {
        message.payload["number"]: (message.state, message.attempts_made)
        for message in Message.objects.filter(payload__number__gte=REFUSED)
    }
    assert states == {
        **dict.fromkeys(range(REFUSED, REFUSED + ROUNDS), ("dead", 1)),
        **dict.fromkeys(range(FAILING, FAILING + ROUNDS), ("dead", 6)),
    }
    dead = list(Message.objects.filter(state=Message.State.DEAD).order_by("pk"))
    assert "No such order" in look_at(operator_client, list_of(Message), state="dead")

    alloy.behave()
    act(operator_client, "retry", *dead)
    relay_until_quiet()
    told = [event["number"] for event in alloy.events if event["number"] >= REFUSED]
    assert [number for number in told if number < FAILING] == [*range(REFUSED, REFUSED + ROUNDS)]
    assert [number for number in told if number >= FAILING] == [*range(FAILING, FAILING + ROUNDS)]


def park_the_failing_one() -> None:
    for _ in range(20 * ROUNDS):
        relay_once()
        let_waits_end()
    relay_once()


def in_order(alloy: FakeAlloy, *, below: int) -> bool:
    """Whether Alloy was told of every order's numbers in the order they were published."""
    by_order = defaultdict[int, list[int]](list)
    for event in alloy.events:
        if event["number"] < below:
            by_order[event["number"] % HEALTHY].append(event["number"])
    return all(numbers == sorted(numbers) for numbers in by_order.values())
