"""Kept deliveries are processed once, whatever fails in between."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from integrations import conf, tasks
from integrations.inbox import process, registry, services
from integrations.inbox.registry import Receiver
from integrations.models import Delivery
from orders.models import Order
from orders.payloads import BigCommerceOrder
from tests.integrations.inbox.steps import ORDER, Sender, url_of
from tests.integrations.threads import at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

    from integrations.models import AlloyUser

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery(sender: Sender, alloy_user: AlloyUser) -> Delivery:
    """An order that waits to be processed."""
    sender.post(url_of("orders", f"userId={alloy_user.user_id}"), ORDER)
    return Delivery.objects.get()


@pytest.fixture
def receive_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., None]], None]:
    """Have orders processed by another function."""

    def replace(function: Callable[..., None]) -> None:
        receiver = Receiver(model=BigCommerceOrder, process=function)
        monkeypatch.setitem(registry._receivers, "orders", receiver)

    return replace


def let_waits_end() -> None:
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(due_at__isnull=False).update(due_at=past)


def fail(*_: object, **__: object) -> None:
    raise ValueError("broken \0 by \ud800 sandbox_secret")


def test_a_processed_delivery_waits_for_nothing(delivery: Delivery) -> None:
    process.process_delivery(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.due_at, delivery.lease, delivery.attempts_made) == (
        "processed",
        None,
        None,
        1,
    )
    assert delivery.processed_at is not None
    assert Order.objects.get().external_id == "118"


def test_processing_it_again_does_nothing(
    delivery: Delivery, receive_by: Callable[[Callable[..., None]], None]
) -> None:
    process.process_delivery(delivery.pk)
    receive_by(fail)
    process.process_delivery(delivery.pk)
    process.process_delivery(delivery.pk + 1000)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts_made) == ("processed", 1)


def test_a_failure_leaves_no_trace_but_its_traceback_and_a_wait(
    delivery: Delivery, receive_by: Callable[[Callable[..., None]], None]
) -> None:
    def write_then_fail(delivery: Delivery, order: BigCommerceOrder) -> None:
        Order.objects.create(merchant=delivery.tenant, external_id="half done")
        fail()

    receive_by(write_then_fail)
    process.process_delivery(delivery.pk)
    delivery.refresh_from_db()
    assert not Order.objects.exists()
    assert (delivery.state, delivery.attempts_made, delivery.lease) == ("waiting", 1, None)
    assert "write_then_fail" in delivery.error
    assert "sandbox_secret" not in delivery.error
    assert delivery.due_at is not None


def test_a_poison_delivery_is_set_aside_and_the_others_go_on(
    delivery: Delivery,
    sender: Sender,
    alloy_user: AlloyUser,
    receive_by: Callable[[Callable[..., None]], None],
    settings: Settings,
) -> None:
    settings.ALLOY_MAX_PROCESSING_ATTEMPTS = 3

    def choosy(delivery: Delivery, order: BigCommerceOrder) -> None:
        if order.id == "118":
            fail()

    receive_by(choosy)
    sender.post(url_of("orders", f"userId={alloy_user.user_id}"), {**ORDER, "id": 119})
    for _ in range(5):
        process.sweep(seconds=600)
        let_waits_end()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts_made, delivery.due_at) == ("set_aside", 3, None)
    assert "ValueError" in delivery.error
    assert Delivery.objects.exclude(pk=delivery.pk).get().state == "processed"


def test_a_delivery_that_kills_its_worker_is_set_aside_too(
    delivery: Delivery,
    receive_by: Callable[[Callable[..., None]], None],
    settings: Settings,
) -> None:
    settings.ALLOY_MAX_PROCESSING_ATTEMPTS = 3
    tried = []

    def kill(*_: object) -> None:
        tried.append(1)
        raise SystemExit  # what no `except Exception` sees, like a SIGKILL

    receive_by(kill)
    for _ in range(6):
        try:
            process.sweep(seconds=600)
        except SystemExit:
            let_waits_end()
    delivery.refresh_from_db()
    assert (delivery.state, len(tried)) == ("set_aside", 3)
    assert "died" in delivery.error


def test_a_dead_workers_delivery_is_taken_over_when_its_lease_ends(delivery: Delivery) -> None:
    Delivery.objects.claim(limit=1, lease=conf.lease())
    assert process.sweep(seconds=600) == 0
    let_waits_end()
    assert process.sweep(seconds=600) == 1
    assert Order.objects.count() == 1


def test_a_worker_that_lost_its_lease_neither_works_nor_counts(
    delivery: Delivery, receive_by: Callable[[Callable[..., None]], None]
) -> None:
    (slow,) = Delivery.objects.claim(limit=1, lease=conf.lease())
    let_waits_end()
    Delivery.objects.claim(limit=1, lease=conf.lease())
    receive_by(fail)
    process._process(slow)
    delivery.refresh_from_db()
    assert (delivery.attempts_made, delivery.error) == (0, "")


@pytest.mark.parametrize("state", ["set_aside", "processed"])
def test_an_operator_can_replay_a_delivery(
    delivery: Delivery,
    state: str,
    woken: list[object],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    Delivery.objects.update(state=state, due_at=None, attempts_made=8)
    with django_capture_on_commit_callbacks(execute=True):
        services.replay(delivery=delivery)
    assert ("process_delivery", (delivery.pk,)) in woken
    process.sweep(seconds=600)
    services.replay(delivery=delivery)
    process.sweep(seconds=600)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error, Order.objects.count()) == ("processed", "", 1)


def test_a_replay_does_not_disturb_a_worker(delivery: Delivery) -> None:
    (claimed,) = Delivery.objects.claim(limit=1, lease=conf.lease())
    services.replay(delivery=delivery)
    delivery.refresh_from_db()
    assert delivery.lease == claimed.lease


@pytest.mark.django_db(transaction=True)
def test_many_workers_process_each_delivery_once(
    sender: Sender, alloy_user: AlloyUser, receive_by: Callable[[Callable[..., None]], None]
) -> None:
    for number in range(40):
        sender.post(url_of("orders", f"userId={alloy_user.user_id}"), {**ORDER, "id": number})
    seen: list[str] = []
    receive_by(lambda delivery, order: seen.append(order.id))
    at_once(8, lambda _: process.sweep(seconds=600))
    assert sorted(seen, key=int) == [str(number) for number in range(40)]


def test_the_sweep_sends_events_even_while_the_inbox_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    swept = []
    monkeypatch.setattr("integrations.tasks.process.sweep", fail)
    monkeypatch.setattr("integrations.tasks.relay.sweep", lambda **_: swept.append("outbox"))
    with pytest.raises(ValueError, match="broken"):
        tasks.sweep()
    assert swept == ["outbox"]
