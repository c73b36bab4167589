from __future__ import annotations

import pytest
from pytest_django import Settings

from tests.integrations.fake_alloy import FakeAlloy


@pytest.fixture(autouse=True)
def _surroundings(alloy: FakeAlloy, woken: object, settings: Settings) -> None:
    """Alloy is the fake one, which also stands where our own site would."""
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_BASE_URL": alloy.origin}
