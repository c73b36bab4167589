"""What machines are told about AcmeCo's state."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app
from django.db import OperationalError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from integrations.models import Message
from integrations.outbox import enqueue

pytestmark = pytest.mark.django_db


@pytest.fixture
def healthy_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acmeco.health._ask_broker", lambda: None)


def test_it_is_alive_without_asking_anything(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.postgresql
def test_it_is_ready_when_every_part_is_fine(client: Client, healthy_broker: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "database": "ok",
        "broker": "ok",
        "oldest_undelivered_event_seconds": 0.0,
    }


def test_a_broker_that_is_gone_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["broker"] == "unreachable"
    assert answer.json()["database"] == "ok"


def test_a_database_that_is_gone_is_named(
    client: Client, healthy_broker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("acmeco.health._ask_database", gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "unreachable"


@pytest.mark.postgresql
def test_an_event_that_waits_too_long_is_an_alarm(
    client: Client, healthy_broker: None, merchant: User
) -> None:
    with transaction.atomic():
        message = enqueue(group_key="order:1", tenant=merchant, kind="event", payload={})
    long_ago = timezone.now() - timedelta(hours=1)
    Message.objects.filter(pk=message.pk).update(created_at=long_ago)

    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["oldest_undelivered_event_seconds"] >= 3600


def test_metrics_are_for_prometheus_and_operators_only(
    client: Client, merchant_client: Client, operator_client: Client, settings: Settings
) -> None:
    settings.METRICS_TOKEN = "a-long-token-for-prometheus"
    assert client.get("/metrics").status_code == 404
    assert merchant_client.get("/metrics").status_code == 404
    assert operator_client.get("/metrics").status_code == 200
    wrong, right = ({"Authorization": f"Bearer {it}"} for it in ("wrong", settings.METRICS_TOKEN))
    assert client.get("/metrics", headers=wrong).status_code == 404
    answer = client.get("/metrics", headers=right)
    assert answer.status_code == 200
    names = (
        *("messages_waiting", "oldest_message_seconds", "message_attempts", "call_seconds"),
        *("webhooks", "dead_letters", "circuit_open"),
    )
    assert [name for name in names if f"alloy_{name}" not in answer.content.decode()] == []


def test_without_a_metrics_token_an_empty_one_opens_nothing(
    client: Client, settings: Settings
) -> None:
    settings.METRICS_TOKEN = ""
    empty = {"HTTP_AUTHORIZATION": "Bearer "}
    assert client.get("/metrics", **empty).status_code == 404  # type: ignore[arg-type]
