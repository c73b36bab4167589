from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_broker(woken: object) -> None:
    """No test of the admin needs a worker."""
