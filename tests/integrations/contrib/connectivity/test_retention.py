from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from integrations import conf, retention
from integrations.contrib.connectivity.models import ConnectAttempt
from integrations.redaction import redact

pytestmark = pytest.mark.django_db


def test_tries_to_connect_are_forgotten_in_time(merchant: User) -> None:
    for name, age in (("old", timedelta(days=31)), ("new", timedelta(days=29))):
        ConnectAttempt.objects.create(
            tenant=merchant,
            environment=conf.environment(),
            connector="notion",
            connector_name=name,
            digest=name,
            expires_at=timezone.now() - age,
        )
    retention.prune(seconds=600)
    assert [each.connector_name for each in ConnectAttempt.objects.all()] == ["new"]


def test_the_token_in_the_address_to_return_to_is_never_logged() -> None:
    line = "GET /integrations/connections/callback/Xk3-_secret/?error=access_denied"
    assert redact(line) == ("GET /integrations/connections/callback/[masked]/?error=access_denied")
