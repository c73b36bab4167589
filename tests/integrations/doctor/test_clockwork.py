from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from integrations import tasks
from integrations.doctor import clockwork
from integrations.doctor.finding import State
from integrations.models import Heartbeat

pytestmark = pytest.mark.django_db


def test_a_database_with_every_migration_is_fine() -> None:
    assert clockwork.database_is_migrated().state == State.OK


def test_a_migration_that_is_not_applied_is_named() -> None:
    newest = MigrationRecorder.Migration.objects.filter(app="integrations").latest("name")
    newest.delete()
    found = clockwork.database_is_migrated()
    assert found.state == State.FAILED
    assert f"integrations.{newest.name}" in found.detail
    assert "migrate" in found.cure


def test_a_database_that_is_away_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(clockwork, "MigrationExecutor", away)
    assert clockwork.database_is_migrated().state == State.FAILED


class Connection:
    """A connection to a broker that is there."""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def ensure_connection(self, **_: object) -> None:
        pass


class BrokenConnection(Connection):
    """One to a broker that is not."""

    def ensure_connection(self, **_: object) -> None:
        raise BrokerError("connection refused")


@pytest.mark.parametrize(
    ("connection", "state"), [(Connection, State.OK), (BrokenConnection, State.FAILED)]
)
def test_the_broker_is_reached(
    monkeypatch: pytest.MonkeyPatch, connection: type[Connection], state: State
) -> None:
    monkeypatch.setattr(current_app, "connection_for_write", lambda **_: connection())
    assert clockwork.broker_is_there().state == state


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
    monkeypatch.setattr(current_app, "connection_for_write", lambda **_: Connection())
    monkeypatch.setattr(current_app.control, "ping", lambda **_: answers)
    found = clockwork.workers_answer()
    assert (found.state, found.detail) == (state, said)


def test_nobody_can_be_pinged_without_a_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: object) -> None:
        raise BrokerError("connection refused")

    monkeypatch.setattr(current_app, "connection_for_write", away)
    assert clockwork.workers_answer().state == State.SKIPPED


def test_without_any_sweep_beat_has_never_been_there() -> None:
    assert clockwork.beat_is_ticking().detail == "There has never been a sweep."


def test_a_sweep_shows_that_beat_and_a_worker_are_alive() -> None:
    tasks.sweep()
    tasks.sweep()
    assert clockwork.beat_is_ticking().state == State.OK
    assert Heartbeat.objects.count() == 1


def test_a_sweep_long_ago_shows_that_something_stopped() -> None:
    tasks.sweep()
    Heartbeat.objects.update(beat_at=timezone.now() - timedelta(hours=1))
    found = clockwork.beat_is_ticking()
    assert found.state == State.FAILED
    assert "3,600 s ago" in found.detail
