from __future__ import annotations

import pytest
from django.test import Client

from alloy_sandbox.core import seed
from alloy_sandbox.core.models import Integration, User
from tests.browsing import chromium, context, page

__all__ = ["chromium", "context", "page"]


@pytest.fixture
def merchant(db: None) -> User:
    """A user of the sandbox whose catalogue is as after the first start."""
    seed.seed()
    return User.objects.create(username="mia@acme.example", full_name="Mia")


@pytest.fixture
def bigcommerce(merchant: User) -> Integration:
    return Integration.objects.get(connector="bigcommerce")


@pytest.fixture
def visitor() -> Client:
    """Somebody who looks at the dashboard; it has no login."""
    return Client()
