"""Every test of the outbox has a fake Alloy, and a merchant whom Alloy knows."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from integrations.models import AlloyUser, MessageGroup
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import FakeAlloy


@pytest.fixture(autouse=True)
def _surroundings(alloy: FakeAlloy, woken: object) -> None:
    """Alloy is the fake one, and nobody is woken."""


@pytest.fixture
def long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wait ends by itself within a test, however slow the machine; `let_waits_end` ends them.

    Nor does a pace keep anything waiting.
    """
    minute = timedelta(minutes=1)
    monkeypatch.setattr("integrations.outbox.transitions.full_jitter", lambda *_, **__: minute)
    monkeypatch.setattr("integrations.outbox.circuit.WAITS", (30.0,))
    monkeypatch.setattr("integrations.outbox.pace.SLOW", math.inf)
    monkeypatch.setattr("integrations.outbox.pace.SLOWEST", math.inf)


@pytest.fixture
def _time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time passes within a test, so that a wait can be measured."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def alloy_user(alloy: FakeAlloy, merchant: User) -> AlloyUser:
    """The Alloy user of `merchant`."""
    return make_ready(merchant)


@pytest.fixture
def group(alloy_user: AlloyUser) -> MessageGroup:
    """The group that `tell` queues in."""
    return MessageGroup.objects.create(
        environment=alloy_user.environment, key=f"{alloy_user.tenant_id}:order:1"
    )
