from __future__ import annotations

import pytest
from pytest_django import Settings

from integrations.contrib.doctor.result import State
from integrations.contrib.doctor.settings import checks_find_nothing

pytestmark = pytest.mark.django_db


def test_what_djangos_checks_find_is_told_with_its_hint(settings: Settings) -> None:
    assert checks_find_nothing().state == State.OK
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_TOKENS": []}
    found = checks_find_nothing()
    assert found.state == State.FAILED
    assert "integrations.E001" in found.detail
    assert "openssl rand" in found.hint
