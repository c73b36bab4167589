"""Kept deliveries are processed once, whatever fails in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from integrations import conf, inbox, tasks
from integrations.inbox import Received, Receiver
from integrations.models import Delivery
from integrations.wake import Hint
from orders.models import Order
from orders.payloads import BigCommerceOrder
from tests.integrations.inbox.steps import ORDER, Sender
from tests.integrations.threads import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


Post = Callable[..., None]


@pytest.fixture
def post(sender: Sender, url: str) -> Post:
    """Have Alloy post each body as an order of `merchant`."""

    def post(*bodies: Any) -> None:
        for body in bodies:
            sender.post(url, body)

    return post


@pytest.fixture
def delivery(post: Post) -> Delivery:
    """An order that waits to be processed."""
    post(ORDER)
    return Delivery.objects.get()


ReceiveBy = Callable[[Callable[..., None]], None]


@pytest.fixture
def receive_by(monkeypatch: pytest.MonkeyPatch) -> ReceiveBy:
    """Have orders processed by another function."""
    return lambda function: monkeypatch.setitem(
        inbox._receivers, "orders", Receiver(model=BigCommerceOrder, process=function)
    )


def let_waits_end() -> None:
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(due_at__isnull=False).update(due_at=past)


def fail(*_: object, **__: object) -> None:
    raise ValueError("broken \0 by \ud800 sandbox_secret")


def test_a_processed_delivery_waits_for_nothing_and_is_not_processed_again(
    delivery: Delivery, receive_by: ReceiveBy
) -> None:
    inbox.sweep(seconds=600)
    receive_by(fail)
    inbox.sweep(seconds=600)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts_made) == ("processed", 1)
    assert (delivery.due_at, delivery.lease) == (None, None)
    assert delivery.processed_at is not None
    assert Order.objects.get().external_id == "118"


def test_a_failure_leaves_no_trace_but_its_traceback_and_a_wait(
    delivery: Delivery, receive_by: ReceiveBy
) -> None:
    def write_then_fail(received: Sequence[Received[BigCommerceOrder]]) -> None:
        tenant: Any = received[0].delivery.tenant
        Order.objects.create(merchant=tenant, external_id="half done")
        fail()

    receive_by(write_then_fail)
    inbox.sweep(seconds=600)
    delivery.refresh_from_db()
    assert not Order.objects.exists()
    assert (delivery.state, delivery.attempts_made, delivery.lease) == ("waiting", 1, None)
    assert "write_then_fail" in delivery.error
    assert "sandbox_secret" not in delivery.error
    assert delivery.due_at is not None


def test_a_poison_delivery_is_a_dead_letter_and_the_others_go_on(
    delivery: Delivery, post: Post, receive_by: ReceiveBy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MAX_ATTEMPTS", 3)

    def choosy(received: Sequence[Received[BigCommerceOrder]]) -> None:
        if any(each.body.id == "118" for each in received):
            fail()

    receive_by(choosy)
    post({**ORDER, "id": 119})
    for _ in range(5):
        inbox.sweep(seconds=600)
        let_waits_end()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts_made, delivery.due_at) == ("dead", 3, None)
    assert "ValueError" in delivery.error
    assert Delivery.objects.exclude(pk=delivery.pk).get().state == "processed"


def test_a_dead_workers_delivery_is_taken_over_when_its_lease_ends(delivery: Delivery) -> None:
    Delivery.objects.claim(limit=1, lease=conf.lease())
    assert inbox.sweep(seconds=600) == 0
    let_waits_end()
    assert inbox.sweep(seconds=600) == 1
    assert Order.objects.count() == 1


def test_a_worker_that_lost_its_lease_neither_works_nor_counts(
    delivery: Delivery, receive_by: ReceiveBy
) -> None:
    (slow,) = Delivery.objects.claim(limit=1, lease=conf.lease())
    let_waits_end()
    Delivery.objects.claim(limit=1, lease=conf.lease())
    receive_by(fail)
    inbox._process([slow])
    delivery.refresh_from_db()
    assert (delivery.attempts_made, delivery.error) == (0, "")


@pytest.mark.parametrize("state", ["dead", "processed"])
def test_an_operator_can_replay_a_delivery(
    delivery: Delivery,
    state: str,
    woken: list[Hint],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    Delivery.objects.update(state=state, due_at=None, attempts_made=8)
    with django_capture_on_commit_callbacks(execute=True):
        inbox.replay(delivery=delivery)
    assert Hint.PROCESS_DELIVERIES in woken
    inbox.sweep(seconds=600)
    inbox.replay(delivery=delivery)
    inbox.sweep(seconds=600)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error, Order.objects.count()) == ("processed", "", 1)


def test_a_replay_does_not_disturb_a_worker(delivery: Delivery) -> None:
    (claimed,) = Delivery.objects.claim(limit=1, lease=conf.lease())
    inbox.replay(delivery=delivery)
    delivery.refresh_from_db()
    assert delivery.lease == claimed.lease


@pytest.mark.django_db(transaction=True)
def test_many_workers_process_each_delivery_once(post: Post, receive_by: ReceiveBy) -> None:
    post(*({**ORDER, "id": number} for number in range(40)))
    seen: list[str] = []
    receive_by(lambda received: seen.extend(each.body.id for each in received))
    at_once(8, lambda _: inbox.sweep(seconds=600))
    assert sorted(seen, key=int) == [str(number) for number in range(40)]


def test_the_sweep_sends_events_even_while_the_inbox_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    swept = []
    monkeypatch.setattr("integrations.tasks.inbox.sweep", fail)
    monkeypatch.setattr("integrations.tasks.relay.drain", lambda **_: swept.append("outbox"))
    with pytest.raises(ValueError, match="broken"):
        tasks.sweep()
    assert swept == ["outbox"]


def test_what_cannot_be_parsed_is_a_dead_letter_with_the_reason_at_once(post: Post) -> None:
    post(b"no json", b"[1]", {**ORDER, "id": None}, ORDER)
    inbox.sweep(seconds=600)
    dead = Delivery.objects.filter(state="dead").order_by("pk")
    assert [each.attempts_made for each in dead] == [1, 1, 1]
    reasons = [each.error for each in dead]
    assert "The body is not JSON" in reasons[0]
    assert "valid dictionary" in reasons[1]
    assert reasons[2] == "id: Field required"
    assert Order.objects.get().delivery == Delivery.objects.get(state="processed")


def test_a_dead_letter_is_processed_once_its_body_is_mended(post: Post) -> None:
    post(b'{"id": 118, "items_total": 3')
    inbox.sweep(seconds=600)
    dead = Delivery.objects.get()
    Delivery.objects.update(mended='{"id": 118, "items_total": 3}')
    inbox.replay(delivery=dead)
    inbox.sweep(seconds=600)
    dead.refresh_from_db()
    assert (dead.state, bytes(dead.body)) == ("processed", b'{"id": 118, "items_total": 3')
    assert Order.objects.get().items_count == 3


def test_a_kind_that_no_app_takes_is_kept_until_one_does(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        without.delitem(inbox._receivers, "orders")
        post(ORDER)
        inbox.sweep(seconds=600)
    dead = Delivery.objects.get()
    assert "No app here takes orders" in dead.error
    inbox.replay(delivery=dead)
    inbox.sweep(seconds=600)
    assert Order.objects.count() == 1


def test_a_second_receiver_of_a_kind_is_an_error_at_start() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"orders_streamed and .*fail receive orders"):
        inbox.receives("orders", BigCommerceOrder)(fail)


def test_a_receiver_of_what_never_comes_is_an_error_at_start() -> None:
    with pytest.raises(ImproperlyConfigured, match="one of installations, orders, errors"):
        inbox.receives("order", BigCommerceOrder)(fail)


@pytest.mark.django_db(transaction=True)
def test_many_deliveries_take_hardly_more_queries_than_one(
    post: Post, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    post(*({**ORDER, "id": number} for number in range(50)))
    with django_assert_max_num_queries(16):
        assert inbox.sweep(seconds=600) == 50
    assert Order.objects.count() == 50


def test_one_that_kills_its_worker_takes_no_other_along(
    post: Post, receive_by: ReceiveBy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MAX_ATTEMPTS", 3)
    post(*({**ORDER, "id": number} for number in range(9)))
    done: list[str] = []

    def kill(received: Sequence[Received[BigCommerceOrder]]) -> None:
        if any(each.body.id == "4" for each in received):
            raise SystemExit
        done.extend(each.body.id for each in received)

    receive_by(kill)
    for _ in range(9):
        try:
            inbox.sweep(seconds=600)
        except SystemExit:
            let_waits_end()
    assert sorted(done) == ["0", "1", "2", "3", "5", "6", "7", "8"]
    dead = Delivery.objects.get(state="dead")
    assert (dead.attempts_made, "died" in dead.error) == (3, True)


def test_to_look_for_work_is_to_look_into_the_index_of_what_waits(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1) as asked:
        assert inbox.sweep(seconds=1) == 0
    assert 'ORDER BY "integrations_delivery"."due_at"' in asked.captured_queries[0]["sql"]
