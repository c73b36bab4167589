"""Keys and a client that several of these tests need."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from integrations.alloy import AlloyClient, Hosts

API_KEY = "sandbox_do_not_show"


@pytest.fixture
def client() -> AlloyClient:
    return AlloyClient(api_key=API_KEY, hosts=Hosts.at("http://alloy.test"))


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def other_private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
