"""Time enough, keys to sign with, and merchants whom Alloy knows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from accounts.models import User
from integrations.models import AlloyUser, Message, MessageGroup
from integrations.tenants.sign_up import provision
from tests.integrations.fake_alloy import FakeAlloy

CLICKS_AND_PAGES = (
    "contrib.activity.runs.SECONDS_TO_WAIT",
    "contrib.connectivity.connectors.SECONDS_TO_WAIT",
    "contrib.connectivity.services.SECONDS_TO_WAIT_FOR_A_CLICK",
    "pages.snapshots.SECONDS_TO_WAIT_WITHOUT",
    "client.SECONDS_TO_WAIT_FOR_A_CLICK",
)


@pytest.fixture(autouse=True)
def _pages_have_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page waits for Alloy as long as a busy machine needs; with a copy, still less long."""
    for name in CLICKS_AND_PAGES:
        monkeypatch.setattr(f"integrations.{name}", 60.0)
    monkeypatch.setattr("integrations.pages.snapshots.SECONDS_TO_WAIT_WITH_A_COPY", 30.0)


@pytest.fixture
def provisioned(alloy: FakeAlloy, woken: object) -> Callable[[User], AlloyUser]:
    """Give a user an Alloy user without a call, as if that had happened long ago."""
    return make_ready


def make_ready(user: User) -> AlloyUser:
    """Give a tenant an Alloy user whose id is made of the tenant's own."""
    alloy_user = provision(tenant=user)
    AlloyUser.objects.filter(pk=alloy_user.pk).update(user_id=f"a{user.pk:023x}")
    Message.objects.filter(kind="provision").delete()
    MessageGroup.objects.filter(key=f"alloy-user:{alloy_user.pk}").delete()
    alloy_user.refresh_from_db()
    return alloy_user


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    """Alloy's key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def other_private_key() -> rsa.RSAPrivateKey:
    """Somebody else's key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
