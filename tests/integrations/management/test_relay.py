from __future__ import annotations

import threading
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, InterfaceError, OperationalError

from accounts.models import User
from integrations import inbox
from integrations.models import Message
from integrations.outbox import relay
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import Call, FakeAlloy
from tests.integrations.outbox.steps import tell

pytestmark = pytest.mark.django_db(transaction=True)


def test_as_many_messages_are_under_way_at_once_as_there_are_threads(
    alloy: FakeAlloy, merchant: User
) -> None:
    make_ready(merchant)
    all_of_them = threading.Barrier(3, timeout=60)

    def answer_when_all_are_here(call: Call) -> None:
        all_of_them.wait()

    alloy.fail_always("/run/event", answer_when_all_are_here)
    for number in range(3):
        tell(merchant, number, subject=f"order:{number}")
    call_command("relay", "--once", "--threads=3")
    events = Message.objects.filter(kind="event")  # beside them it may have had runs read
    assert [each.state for each in events] == ["delivered"] * 3
    assert not all_of_them.broken


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_away_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, error: type[Error]
) -> None:
    away = Mock(side_effect=error("The server closed the connection."))
    monkeypatch.setattr(relay.Relay, "_settle_and_claim", away)
    monkeypatch.setattr(inbox, "sweep", away)
    call_command("relay", "--once", "--threads=2")


def test_a_thread_that_fails_ends_the_process_so_that_it_is_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fail = Mock(side_effect=RuntimeError("A mistake of ours."))
    monkeypatch.setattr(relay.Relay, "_settle_and_claim", fail)
    with pytest.raises(RuntimeError, match="A mistake of ours"):
        call_command("relay", "--interval=0.01", "--threads=2")


def test_no_threads_at_all_is_refused() -> None:
    with pytest.raises(CommandError, match="At least one thread"):
        call_command("relay", "--once", "--threads=0")
