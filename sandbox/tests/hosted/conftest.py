from __future__ import annotations

import pytest
from django.test import Client

from alloy_sandbox.core import seed
from alloy_sandbox.core.models import Integration, User


@pytest.fixture
def seeded(db: None) -> None:
    """The catalogue of integrations, as after the first start."""
    seed.seed()


@pytest.fixture
def user(seeded: None) -> User:
    return User.objects.create(username="mia@acme.example", full_name="Mia")


@pytest.fixture
def bigcommerce(seeded: None) -> Integration:
    """An integration that asks for two secrets, and whose workflows have nothing to configure."""
    return Integration.objects.get(connector="bigcommerce")


@pytest.fixture
def klaviyo(seeded: None) -> Integration:
    """An integration one of whose workflows has a required dropdown, "List"."""
    return Integration.objects.get(connector="klaviyo")


@pytest.fixture
def browser_client() -> Client:
    """A browser without a cookie: the modal must not need any."""
    return Client(enforce_csrf_checks=True)
