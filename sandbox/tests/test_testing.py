"""The client for tests, as other projects have it."""

from __future__ import annotations

import pytest

from alloy_sandbox.testing import Sandbox
from tests.conftest import BIGCOMMERCE
from tests.conftest import Sandbox as Running


@pytest.mark.parametrize("name", ["mia/al", "a&b=c", "50% ü?#"])
def test_a_user_is_named_by_any_username(sandbox: Running, name: str) -> None:
    client = Sandbox(sandbox.origin)
    client.call("POST", "/users", {"username": name})
    client.install(name, BIGCOMMERCE)
    order = client.place_order(name)
    credential = client.connect(name, "hubspot")
    assert any(each["installed"] for each in client.integrations_of(name))
    assert client.orders(name) == [order]
    assert client.contents(name, "hubspot", "contacts") is not None
    client.revoke(name, credential)
    client.close()
