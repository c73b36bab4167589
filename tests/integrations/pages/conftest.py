"""A merchant whom Alloy knows, and what Alloy says about the merchant's integrations."""

from __future__ import annotations

import copy
import re
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from integrations.models import AlloyUser
from integrations.pages import snapshots
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import FakeAlloy

BIGCOMMERCE = {
    "integrationId": "63ea758e82c3074141968bb9",
    "app": "BigCommerce",
    "description": "Orders in, statuses out.",
    "installed": True,
    "icon": "https://cdn.runalloy.com/icons/bigcommerce.png",
    "workflows": [
        {
            "workflowId": "63ea75a2fcf2e2c72e805ddc",
            "name": "Order status sync",
            "installed": True,
            "active": True,
            "version": 2,
            "installedVersion": 1,
        }
    ],
}
SLACK = {
    "integrationId": "63ea758e82c3074141968bba",
    "app": "Slack",
    "installed": False,
    "icon": "javascript:alert(1)",
    "workflows": [],
}


def version_in(html: str) -> str:
    """Return the version that a fragment in a page carries."""
    found = re.search(r"[?;&]version=([0-9a-f]{16})", html)
    assert found is not None
    return found[1]


@pytest.fixture
def integrations(
    alloy: FakeAlloy, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> list[dict[str, Any]]:
    """What Alloy answers to `GET /integrations`; tests may change it.

    Nothing gets old by itself within a test, however slow the machine.
    """
    settings.ALLOY = {**settings.ALLOY, "INTEGRATIONS_MAX_AGE": 3600}
    monkeypatch.setattr(snapshots, "PAUSE_AFTER_A_FAILURE", timedelta(hours=1))
    monkeypatch.setattr(snapshots, "SECONDS_TO_WAIT_WITH_A_COPY", 20.0)
    monkeypatch.setattr(snapshots, "SECONDS_TO_WAIT_WITHOUT", 30.0)
    alloy.integrations = copy.deepcopy([BIGCOMMERCE, SLACK])
    return alloy.integrations


@pytest.fixture
def alloy_user(integrations: object, woken: object, merchant: User) -> AlloyUser:
    """The Alloy user of `merchant`."""
    return make_ready(merchant)
