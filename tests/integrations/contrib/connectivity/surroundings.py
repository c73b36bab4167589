"""Fixtures for tests that act at services through a real sandbox, of whichever app."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.models import User
from integrations import conf
from integrations.contrib.connectivity import connectors
from integrations.contrib.connectivity.models import Connection
from integrations.models import Message
from integrations.signals import account_connected
from integrations.tenants.provisioning import create_alloy_user, user_id_of
from integrations.tenants.sign_up import alloy_user_of
from tests.services.sandbox import Sandbox


@pytest.fixture
def at_sandbox(sandbox: Sandbox, settings: Settings) -> Sandbox:
    """A sandbox to which all calls of this test go."""
    settings.ALLOY = {**settings.ALLOY, "SANDBOX_URL": sandbox.url}
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_of_the_tests"}
    connectors._copies.clear()
    return sandbox


@pytest.fixture
def known_merchant(at_sandbox: Sandbox, merchant: User) -> User:
    """The merchant, whose Alloy user exists."""
    give_alloy_user(merchant)
    return merchant


@pytest.fixture
def user_id(known_merchant: User) -> str:
    """The id that Alloy knows the merchant by."""
    return user_id_of(known_merchant)


def give_alloy_user(merchant: User) -> None:
    """Create the merchant's Alloy user, as the outbox would, and leave the outbox empty."""
    create_alloy_user(Message(payload={"alloy_user": alloy_user_of(merchant).pk}))
    Message.objects.filter(tenant=merchant).update(state=Message.State.DELIVERED)


def connect(merchant: User, connector: str, *, sandbox: Sandbox, account: str = "") -> int:
    """Connect an account without the pages in between; return the connection's id."""
    credential = sandbox.connect(user_id_of(merchant), connector, account)
    connection = Connection.objects.create(
        tenant=merchant,
        environment=conf.environment(),
        connector=connector,
        credential_id=credential,
        name=connector,
    )
    account_connected.send(sender=None, connection=connection)
    return connection.pk
