"""Every test of the inbox has a merchant whom Alloy knows, and an Alloy that signs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from integrations import webhooks
from integrations.models import AlloyUser
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.inbox.steps import BASE, TOKEN, Sender, url_of


@pytest.fixture(autouse=True)
def _no_wait_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A random wait may be next to nothing; `let_waits_end` ends these."""
    monkeypatch.setattr("integrations.inbox.full_jitter", lambda *_: timedelta(minutes=1))


@pytest.fixture
def sender(
    alloy: FakeAlloy, woken: object, settings: Settings, private_key: rsa.RSAPrivateKey
) -> Sender:
    """Alloy, whose public key can be had."""
    tokens = [TOKEN, "token-we-are-leaving-behind"]
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_BASE_URL": BASE, "WEBHOOK_TOKENS": tokens}
    webhooks.public_key_source.cache_clear()
    webhooks.forget_tenants()
    alloy.fail_always("alloy_public_key.pem", Reply(body=pem_of(private_key)))
    return Sender(private_key, Client(raise_request_exception=False))


def pem_of(private_key: rsa.RSAPrivateKey) -> str:
    """Return the public half as Alloy serves it."""
    public_key = private_key.public_key()
    return public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
def alloy_user(sender: Sender, merchant: User) -> AlloyUser:
    """The Alloy user of `merchant`."""
    return make_ready(merchant)


@pytest.fixture
def url(alloy_user: AlloyUser) -> str:
    """Where Alloy posts the orders of `merchant` to."""
    return url_of("orders", f"userId={alloy_user.user_id}")
