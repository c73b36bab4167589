from __future__ import annotations

from datetime import timedelta

import jwt
import pytest
import requests

from alloy_sandbox.core.access import make_token, make_user_token, verify_user_token
from alloy_sandbox.core.errors import ExpiredToken, InvalidToken
from alloy_sandbox.core.models import User
from tests.conftest import STATUS_UPDATE, Sandbox


@pytest.mark.parametrize("path", ["/users/{}/token", "/user/{}/token", "/2023-12/user/{}/token/"])
def test_both_spellings_of_the_path_give_a_token_for_the_user(
    sandbox: Sandbox, user_id: str, path: str
) -> None:
    token = sandbox.get(path.format(user_id))["token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["userId"] == user_id
    assert claims["exp"] - claims["iat"] == 30 * 60


def test_a_browser_with_a_token_sees_its_user_without_naming_it(
    sandbox: Sandbox, installed_user: str
) -> None:
    headers = {"x-alloy-user-token": sandbox.get(f"/users/{installed_user}/token")["token"]}
    url = f"{sandbox.origin}/2024-03"
    integrations = requests.get(f"{url}/integrations", headers=headers, timeout=20).json()["data"]
    assert [each["app"] for each in integrations if each["installed"]] == ["BigCommerce"]
    paused = requests.put(
        f"{url}/workflows/deactivate",
        headers=headers,
        json={"workflowId": STATUS_UPDATE},
        timeout=20,
    )
    assert paused.json() == {"activated": False}


def test_a_token_opens_nothing_that_needs_the_key(sandbox: Sandbox, user_id: str) -> None:
    headers = {"x-alloy-user-token": sandbox.get(f"/users/{user_id}/token")["token"]}
    assert requests.get(f"{sandbox.origin}/users", headers=headers, timeout=20).status_code == 401


def test_a_made_up_token_is_unauthorized(sandbox: Sandbox) -> None:
    response = requests.get(
        f"{sandbox.origin}/integrations", headers={"x-alloy-user-token": "a.b.c"}, timeout=20
    )
    assert response.status_code == 401
    assert response.json() == {"message": "Unauthorized"}


@pytest.mark.django_db
def test_a_token_that_has_run_out_says_so() -> None:
    user = User.objects.create(username="gregg")
    token = make_token(user, -timedelta(seconds=1))[0]
    with pytest.raises(ExpiredToken):
        verify_user_token(token)


@pytest.mark.django_db
def test_the_token_of_a_deleted_user_is_invalid() -> None:
    user = User.objects.create(username="gregg")
    token = make_user_token(user)
    assert verify_user_token(token) == user
    user.delete()
    with pytest.raises(InvalidToken):
        verify_user_token(token)
