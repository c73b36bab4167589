"""Bodies that do not arrive as announced."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from integrations.inbox.webhooks import webhook
from integrations.models import Delivery
from tests.integrations.inbox.steps import TOKEN

if TYPE_CHECKING:
    from tests.integrations.inbox.steps import Sender


class BrokenOff(io.BytesIO):
    """What can be read of a client that has hung up."""

    def read(self, *_: object) -> bytes:
        raise OSError("connection reset by peer")


@pytest.mark.django_db
def test_a_body_that_breaks_off_is_refused_and_no_server_error(sender: Sender) -> None:
    request: HttpRequest = RequestFactory().post(
        f"/webhooks/alloy/{TOKEN}/orders/", b"{}", content_type="application/json"
    )
    request._stream = BrokenOff()
    answer = webhook(request, TOKEN, "orders")
    assert (answer.status_code, Delivery.objects.count()) == (400, 0)
