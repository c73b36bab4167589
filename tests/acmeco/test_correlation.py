"""One id leads from the web request through the outbox to the call to Alloy."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

from accounts.models import User
from integrations.models import Message
from integrations.outbox import relay
from orders.models import Order
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import FakeAlloy


@pytest.mark.django_db(transaction=True)
def test_the_id_of_the_request_goes_out_with_the_call_it_led_to(
    alloy: FakeAlloy,
    woken: object,
    merchant: User,
    merchant_client: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_ready(merchant)
    order = Order.objects.create(merchant=merchant, external_id="118")
    merchant_client.post(f"/orders/{order.pk}/", {"status": "SHIPPED"})
    message = Message.objects.get(name="Fulfillment Updated")
    with caplog.at_level(logging.DEBUG, "integrations.outbox.handlers"):
        relay.Relay(senders=1).drain(seconds=60)

    [request_id] = _logged(caplog, "request_finished", "request_id")
    [call] = [call for call in alloy.calls if call.path.endswith("/run/event")]
    assert message.correlation_id == request_id
    assert call.headers["X-Request-ID"] == request_id
    assert _logged(caplog, "message_attempt", "correlation_id") == [request_id]


@pytest.mark.django_db
def test_an_id_from_outside_is_not_taken_over(
    merchant_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    theirs = {"X-Request-ID": "theirs", "X-Correlation-ID": "theirs"}
    merchant_client.get("/orders/", headers=theirs)
    assert "theirs" not in caplog.text


def _logged(caplog: pytest.LogCaptureFixture, event: str, name: str) -> list[str]:
    """Return what was logged under a name, in each line about an event."""
    said = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [each[name] for each in said if each["event"] == event]
