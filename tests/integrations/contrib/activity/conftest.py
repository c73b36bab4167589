from __future__ import annotations

import pytest

from accounts.models import User
from integrations.models import AlloyUser
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import FakeAlloy


@pytest.fixture(autouse=True)
def alloy_user(alloy: FakeAlloy, woken: object, merchant: User) -> AlloyUser:
    """The Alloy user of `merchant`; Alloy is the fake one, and nobody is woken."""
    return make_ready(merchant)
