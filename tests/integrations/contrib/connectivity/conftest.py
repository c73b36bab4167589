"""A merchant whom the sandbox knows, and what they do there."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests.integrations.contrib.connectivity.surroundings import at_sandbox, known_merchant, user_id

__all__ = ["at_sandbox", "known_merchant", "user_id"]


@pytest.fixture
def client(known_merchant: User, merchant_client: Client) -> Client:
    """The browser of the merchant whom the sandbox knows."""
    return merchant_client
