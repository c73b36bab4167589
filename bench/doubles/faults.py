"""Breaks the product on purpose, each time in one way, to prove that `make chaos` notices.

One in ten messages or orders is met; which ones is the same whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from zlib import crc32

from integrations import inbox
from integrations.models import Delivery, Message, MessageGroup
from integrations.outbox import handlers, messages
from orders.models import Order


def send_newest_first() -> None:
    """Break the order: number the messages of a group backwards."""
    next_place = messages._next_place

    def from_behind(group_key: str, environment: str) -> MessageGroup:
        group = next_place(group_key, environment)
        group.last_sequence = 1_000_000 - group.last_sequence
        return group

    messages._next_place = from_behind


def drop_events() -> None:
    """Mark one in ten events as delivered without sending it."""
    send = handlers._handlers["event"]
    handlers._handlers["event"] = lambda message: None if _is_met(message.uid) else send(message)


def send_events_twice() -> None:
    """Send one in ten events again although it was accepted."""
    send = handlers._handlers["event"]

    def twice(message: Message) -> None:
        send(message)
        if _is_met(message.uid):
            send(message)

    handlers._handlers["event"] = twice


def swallow_orders() -> None:
    """Forget one in ten orders after its webhook was answered with 202."""
    _receive_orders(
        lambda process: (
            lambda received: process([each for each in received if not _is_met(each.body.id)])
        )
    )


def make_orders_twice() -> None:
    """Make a second order of one in ten."""

    def twice(process: Callable[..., None]) -> Callable[..., None]:
        def receive(received: Sequence[inbox.Received[Any]]) -> None:
            process(received)
            for each in received:
                if _is_met(number := each.body.id):
                    tenant: Any = each.delivery.tenant_id
                    Order.objects.create(merchant_id=tenant, external_id=f"{number}-again")

        return receive

    _receive_orders(twice)


INSTALL: dict[str, Callable[[], None]] = {
    function.__name__: function
    for function in (
        send_newest_first,
        drop_events,
        send_events_twice,
        swallow_orders,
        make_orders_twice,
    )
}


def _receive_orders(wrap: Callable[[Callable[..., None]], Callable[..., None]]) -> None:
    receiver = inbox._receivers[Delivery.Kind.ORDER]
    inbox._receivers[Delivery.Kind.ORDER] = replace(receiver, process=wrap(receiver.process))


def _is_met(identity: object) -> bool:
    return crc32(str(identity).encode()) % 10 == 0
