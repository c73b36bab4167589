"""Signing up: what cannot be an account is refused in words."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db


def sign_up(client: Client, email: str) -> str:
    """Sign up with an address; return the page that answers."""
    form = {"email": email, "password1": "a long pass phrase"}
    return client.post("/accounts/signup/", form, follow=True).content.decode()


def test_an_address_longer_than_we_keep_is_refused_and_not_cut(client: Client) -> None:
    page = sign_up(client, f"{'a' * 60}@{'b.' * 100}example")
    assert "at most 254 characters" in page
    assert not User.objects.exists()


def test_an_address_as_long_as_we_keep_is_kept_whole(client: Client) -> None:
    address = f"{'a' * 60}@{'b.' * 93}example"
    assert len(address) == 254
    sign_up(client, address)
    assert User.objects.get().email == address


def test_an_address_that_has_an_account_is_refused_whatever_its_case(client: Client) -> None:
    User.objects.create_user("merchant@acme.example", "x")
    page = sign_up(client, "Merchant@ACME.example")
    assert "already registered with this e-mail address" in page
    assert User.objects.count() == 1
