"""Login in two steps: for everybody who wants it, and in production for every operator."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from pytest_django import Settings

from accounts.models import User

PASSWORD = "a long pass phrase"


def code_for(secret: str) -> str:
    """Return what an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def turn_on(client: Client, user: User) -> str:
    """Turn on the second step; return the secret that the app got."""
    EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": True}
    )
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r'class="key">(\w+)<', page)
    assert found, page
    client.post("/accounts/2fa/totp/activate/", {"code": code_for(found[1])})
    return found[1]


def test_with_a_second_step_the_password_is_not_enough(
    merchant: User, merchant_client: Client
) -> None:
    turn_on(merchant_client, merchant)
    client = Client()
    answer = client.post("/accounts/login/", {"login": merchant.email, "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/orders/").status_code == 302
    client.post(answer["Location"], {"code": "000000"})
    assert client.get("/orders/").status_code == 302
    codes = merchant_client.get("/accounts/2fa/recovery-codes/download/").content.decode().split()
    client.post(answer["Location"], {"code": codes[0]})
    assert client.get("/orders/").status_code == 200


def test_the_secret_is_not_readable_in_the_database_and_survives_a_new_secret_key(
    merchant: User, merchant_client: Client, settings: Settings
) -> None:
    secret = turn_on(merchant_client, merchant)
    factor = Authenticator.objects.get(type="totp")
    assert secret not in str(factor.data)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]
    assert factor.wrap().validate_code(code_for(secret)) is True
    settings.SECRET_KEY_FALLBACKS = []
    assert factor.wrap().validate_code(code_for(secret)) is False


def test_operators_are_led_to_the_second_step_before_they_see_the_admin(
    operator: User, operator_client: Client, settings: Settings
) -> None:
    settings.ADMIN_NEEDS_SECOND_FACTOR = True
    for path in ("/admin/", "/admin/accounts/user/"):
        page = operator_client.get(path, follow=True)
        assert page.redirect_chain[-1][0] == "/accounts/2fa/"
        assert "Operators log in in two steps" in page.content.decode()
    turn_on(operator_client, operator)
    assert operator_client.get("/admin/").status_code == 200


def test_merchants_are_not_let_into_the_admin_by_a_second_step(
    merchant: User, merchant_client: Client, settings: Settings
) -> None:
    settings.ADMIN_NEEDS_SECOND_FACTOR = True
    turn_on(merchant_client, merchant)
    assert merchant_client.get("/admin/", follow=True).status_code == 403


def test_an_operator_helps_who_has_lost_the_second_step_and_sees_no_secret(
    merchant: User, merchant_client: Client, operator_client: Client
) -> None:
    turn_on(merchant_client, merchant)
    factor = Authenticator.objects.get(type="totp")
    page = operator_client.get(f"/admin/mfa/authenticator/{factor.pk}/change/").content.decode()
    assert factor.data["secret"] not in page
    url = f"/admin/mfa/authenticator/{factor.pk}/delete/"
    assert operator_client.post(url, {"post": "yes"}).status_code == 302


@pytest.mark.parametrize("path", ["", "totp/activate/", "recovery-codes/"])
def test_strangers_are_sent_to_the_login(path: str, client: Client, db: None) -> None:
    assert client.get(f"/accounts/2fa/{path}")["Location"].startswith("/accounts/login/")
