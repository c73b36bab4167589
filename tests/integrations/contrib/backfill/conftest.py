from __future__ import annotations

import pytest

from tests.integrations.fake_alloy import FakeAlloy


@pytest.fixture(autouse=True)
def _surroundings(alloy: FakeAlloy, woken: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alloy is the fake one, nobody is woken, and nobody waits."""
    monkeypatch.setattr("integrations.contrib.backfill.run.sleep", lambda _: None)
