from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from alloy_sandbox.core import seed
from alloy_sandbox.core.access import make_user_token
from alloy_sandbox.core.models import Integration, User
from tests.browsing import chromium, context, page

__all__ = ["chromium", "context", "page"]

Address = Callable[..., str]


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


@pytest.fixture
def modal(user: User) -> Address:
    """Return a function that makes the modal's address, for this user unless told otherwise."""

    def address(**query: Any) -> str:
        query = {"token": make_user_token(user), "forgeMode": "engaged", **query}
        return f"/forge-install?{urlencode(query, doseq=True)}"

    return address
