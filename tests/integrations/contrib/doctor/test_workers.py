from __future__ import annotations

from datetime import timedelta
from unittest.mock import MagicMock

import pytest
from celery import current_app
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from accounts.models import User
from integrations import wake
from integrations.contrib.doctor import workers
from integrations.contrib.doctor.result import State
from integrations.models import Message

pytestmark = pytest.mark.django_db


def test_a_database_with_every_migration_is_fine() -> None:
    assert workers.database_is_migrated().state == State.OK


def test_a_migration_that_is_not_applied_is_named() -> None:
    newest = MigrationRecorder.Migration.objects.filter(app="integrations").latest("name")
    newest.delete()
    found = workers.database_is_migrated()
    assert found.state == State.FAILED
    assert f"integrations.{newest.name}" in found.detail
    assert "migrate" in found.hint


def test_a_database_that_is_away_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(workers, "MigrationExecutor", away)
    assert workers.database_is_migrated().state == State.FAILED


def broker(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> None:
    """Let the broker be there, or answer every attempt to connect with the error."""
    connection = MagicMock()
    connection.__enter__.side_effect = error
    monkeypatch.setattr(current_app, "connection_for_write", lambda **_: connection)


@pytest.mark.parametrize(
    ("error", "state"), [(None, State.OK), (BrokerError("connection refused"), State.FAILED)]
)
def test_the_broker_is_reached(
    monkeypatch: pytest.MonkeyPatch, error: Exception | None, state: State
) -> None:
    broker(monkeypatch, error)
    assert workers.broker_is_there().state == state


@pytest.mark.parametrize(
    ("answers", "state", "said"),
    [
        ([], State.FAILED, "No worker answers."),
        (None, State.FAILED, "No worker answers."),
        ([{"b@x": {"ok": "pong"}}, {"a@x": {"ok": "pong"}}], State.OK, "2 answered: a@x, b@x."),
    ],
)
def test_workers_are_pinged(
    monkeypatch: pytest.MonkeyPatch, answers: list[object] | None, state: State, said: str
) -> None:
    broker(monkeypatch)
    monkeypatch.setattr(current_app.control, "ping", lambda **_: answers)
    found = workers.workers_answer()
    assert (found.state, found.detail) == (state, said)


def test_without_celery_there_is_nothing_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "celery", None)
    found = (workers.broker_is_there(), workers.workers_answer())
    assert {each.state for each in found} == {State.SKIPPED}


def test_nobody_can_be_pinged_while_the_broker_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    broker(monkeypatch, BrokerError("connection refused"))
    assert workers.workers_answer().state == State.SKIPPED


def test_a_message_that_waits_for_long_shows_that_nobody_sends(merchant: User) -> None:
    assert workers.what_waits_is_sent().state == State.OK
    Message.objects.update(created_at=timezone.now() - timedelta(hours=1))
    found = workers.what_waits_is_sent()
    assert found.state == State.FAILED
    assert "3,600 s" in found.detail
