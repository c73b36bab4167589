"""Messages for the pages of other apps."""

from __future__ import annotations

import pytest

from accounts.models import User
from integrations.models import Attempt, Message
from integrations.outbox import LATEST_ATTEMPTS, messages_by_uid
from tests.integrations.admin import rows


@pytest.mark.postgresql
@pytest.mark.django_db
def test_of_a_message_that_was_probed_all_day_only_the_latest_tries_are_loaded(
    merchant: User, woken: object
) -> None:
    message = rows.message(merchant)
    Attempt.objects.bulk_create(Attempt(message=message, number=number) for number in range(1, 301))
    Message.objects.update(attempts_made=300)
    loaded = messages_by_uid([message.uid])[message.uid]
    numbers = [attempt.number for attempt in loaded.attempts.all()]
    assert numbers == list(range(301 - LATEST_ATTEMPTS, 301))
