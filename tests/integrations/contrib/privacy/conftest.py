from __future__ import annotations

import pytest

from accounts.models import User
from integrations.models import AlloyUser
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import FakeAlloy, Reply


@pytest.fixture(autouse=True)
def alloy_user(alloy: FakeAlloy, woken: object, merchant: User) -> AlloyUser:
    """The Alloy user of `merchant`, whom Alloy knows, with two credentials."""
    alloy_user = make_ready(merchant)
    one, two = {"credentialId": "c1", "type": "slack"}, {"credentialId": "c2", "type": "shopify"}
    alloy.fail_always("/credentials", Reply(body={"data": [one, two]}))
    for path in ("/credentials/c1", "/credentials/c2", f"/users/{alloy_user.user_id}"):
        alloy.fail_always(path, Reply(body={"success": True}))
    alloy.fail_always("/logs", Reply(body={"message": "Success"}))
    alloy.fail_always("/deactivate-workflows", Reply(body={"message": "Success"}))
    return alloy_user
