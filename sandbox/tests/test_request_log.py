from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from alloy_sandbox.core import request_log
from alloy_sandbox.core.masking import mask_body, mask_query
from alloy_sandbox.core.models import ApiRequest
from tests.conftest import KEY, Sandbox

SECRET = "S3cr3t-Value"
SECRETS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8, max_size=30)


def test_every_api_call_is_in_the_ledger_oldest_first(sandbox: Sandbox) -> None:
    sandbox.call("POST", "/2023-12/users/", {"username": "a"}, headers={"Idempotency-Key": "k1"})
    sandbox.call("GET", "/users/nobody?x=1")
    sandbox.call("GET", "/nothing")
    create, read, unknown = sandbox.control("GET", "requests")["data"]
    assert (create["method"], create["path"], create["status"]) == ("POST", "/2023-12/users/", 200)
    assert create["body"] == {"username": "a"}
    assert create["idempotencyKey"] == "k1"
    assert create["milliseconds"] > 0
    assert (read["query"], read["status"]) == ("x=1", 404)
    assert unknown["path"] == "/nothing"


def test_the_ledger_can_be_read_on_from_an_id_and_by_path(sandbox: Sandbox) -> None:
    for number in range(3):
        sandbox.call("GET", f"/users/{number}")
    sandbox.call("GET", "/events")
    everything = sandbox.control("GET", "requests")["data"]
    assert (
        sandbox.control("GET", f"requests?after={everything[0]['id']}&limit=2")["data"]
        == (everything[1:3])
    )
    assert sandbox.control("GET", "requests?limit=1")["data"] == everything[-1:]
    assert sandbox.control("GET", "requests?path=/events")["data"] == everything[-1:]


def test_the_sandboxs_own_pages_and_calls_are_not_in_it(sandbox: Sandbox) -> None:
    sandbox.session.get(f"{sandbox.origin}/", timeout=20)
    sandbox.session.get(f"{sandbox.origin}/icons/slack.svg", timeout=20)
    assert sandbox.control("GET", "requests")["data"] == []


def test_no_key_and_no_token_is_in_it(sandbox: Sandbox, user_id: str) -> None:
    token = sandbox.get(f"/users/{user_id}/token")["token"]
    sandbox.call("GET", f"/integrations?token={token}&apiKey={SECRET}")
    body = {"credential": {"type": "x", "data": {"tokenSecret": SECRET, "key": KEY}}}
    sandbox.call("POST", f"/users/{user_id}/credentials", body)
    shown = str(sandbox.control("GET", "requests"))
    assert SECRET not in shown
    assert token not in shown
    assert KEY not in shown


def test_a_large_body_is_cut(sandbox: Sandbox) -> None:
    sandbox.call("POST", "/users", {"username": "a", "fullName": "x" * 1_000_000})
    assert len(str(sandbox.control("GET", "requests")["data"][0]["body"])) < 5000


@given(secret=SECRETS)
def test_secrets_are_masked_in_json_whatever_they_are(secret: str) -> None:
    for name in ("token", "apiKey", "api_key", "accessToken", "client_secret", "Password"):
        assert secret not in mask_body(f'{{"{name}" : "{secret}", "a": 1}}'.encode())
        assert secret not in mask_query(f"a=1&{name}={secret}&b=2")


def test_what_is_no_secret_stays() -> None:
    assert mask_body(b'{"orderId":"123","status":"OK"}') == '{"orderId":"123","status":"OK"}'
    assert mask_query("userId=123&page=0") == "userId=123&page=0"


@pytest.mark.django_db
def test_the_log_keeps_the_newest_and_is_trimmed_rarely(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SANDBOX_REQUESTS_KEPT = 3
    monkeypatch.setattr(request_log, "TRIM_EVERY", 10)
    for _ in range(11):
        row = ApiRequest.objects.create(
            method="GET", path="/", status=200, milliseconds=1, received_at="2026-01-01T00:00Z"
        )
        request_log._trim(row.pk)
    assert ApiRequest.objects.count() == 4
