"""A client that several of these tests need."""

from __future__ import annotations

import pytest

from integrations.alloy import AlloyClient, Hosts

API_KEY = "sandbox_do_not_show"


@pytest.fixture
def client() -> AlloyClient:
    return AlloyClient(api_key=API_KEY, hosts=Hosts.at("http://alloy.test"))
