"""What is not a genuine, well-formed delivery is refused: 4xx, a short message, nothing stored."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, cast

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from integrations.inbox import signature
from integrations.models import Delivery
from orders.models import Order
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.inbox.steps import BASE, ORDER, TOKEN, Sender, url_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from pytest_django import Settings

    from accounts.models import User
    from integrations.models import AlloyUser

pytestmark = pytest.mark.django_db

BODY = json.dumps(ORDER).encode()


@pytest.fixture
def url(alloy_user: AlloyUser) -> str:
    """The genuine URL of the merchant's orders."""
    return url_of("orders", f"userId={alloy_user.user_id}")


def assert_refused(response: HttpResponse, status: int) -> None:
    """Check the shape of a refusal, and that nothing came of it."""
    assert (response.status_code, response["Content-Type"]) == (status, "application/json")
    (message,) = json.loads(response.content).values()
    assert list(json.loads(response.content)) == ["message"]
    assert 0 < len(message) < 200
    assert (Delivery.objects.count(), Order.objects.count()) == (0, 0)


def without(text: str) -> str:
    return ""


def not_hex(text: str) -> str:
    return "z" * len(text)


def cut_short(text: str) -> str:
    return text[:-2]


def one_bit_off(text: str) -> str:
    return f"{text[:-1]}{int(text[-1], 16) ^ 1:x}"


@pytest.mark.parametrize("damage", [without, not_hex, cut_short, one_bit_off])
def test_a_bad_signature_is_refused(sender: Sender, url: str, damage: Any) -> None:
    damaged = damage(sender.sign("POST", url, BODY))
    assert_refused(sender.post(url, BODY, headers={"X-Alloy-Signature": damaged}), 401)


def test_a_delivery_signed_by_somebody_else_is_refused(
    sender: Sender, url: str, other_private_key: RSAPrivateKey
) -> None:
    forged = Sender(other_private_key, sender.client)
    assert_refused(forged.post(url, BODY), 401)


def test_a_changed_body_is_refused(sender: Sender, url: str) -> None:
    signed = sender.sign("POST", url, BODY)
    changed = BODY.replace(b"118", b"119")
    assert_refused(sender.post(url, changed, headers={"X-Alloy-Signature": signed}), 401)


@pytest.mark.parametrize(
    ("old", "new"), [("userId=a", "userId=b"), ("/orders/", "/errors/"), ("?", "?x=1&")]
)
def test_a_changed_url_is_refused(sender: Sender, url: str, old: str, new: str) -> None:
    signed = {"X-Alloy-Signature": sender.sign("POST", url, BODY)}
    assert_refused(sender.send("POST", url.replace(old, new), BODY, headers=signed), 401)


def test_a_delivery_signed_for_another_host_is_refused(
    sender: Sender, url: str, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    elsewhere = url.replace(BASE, "https://other.example")
    signed = {
        "X-Alloy-Signature": sender.sign("POST", elsewhere, BODY),
        "Host": "other.example",
        "X-Forwarded-Host": "other.example",
    }
    assert_refused(sender.send("POST", url, BODY, headers=signed), 401)


def test_no_key_obtainable_is_our_trouble_and_lets_nobody_in(
    sender: Sender, alloy: FakeAlloy, url: str
) -> None:
    alloy.fail_always("alloy_public_key.pem", Reply(503))
    signature.public_key_source.cache_clear()
    assert_refused(sender.post(url, BODY), 503)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(sender: Sender, url: str, method: str) -> None:
    signed = {"X-Alloy-Signature": sender.sign(method, url, BODY)}
    response = sender.send(method, url, BODY, headers=signed)
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("token", ["wrong", TOKEN[:-1], f"{TOKEN}x", "%00", "%C3%A9", "..."])
def test_a_wrong_token_is_not_found_whatever_else_is_right(
    sender: Sender, alloy_user: AlloyUser, token: str
) -> None:
    url = url_of("orders", f"userId={alloy_user.user_id}", token=token)
    assert_refused(sender.post(url, BODY), 404)


def test_the_token_we_are_leaving_behind_is_accepted_too(
    sender: Sender, alloy_user: AlloyUser
) -> None:
    query = f"userId={alloy_user.user_id}"
    response = sender.post(url_of("orders", query, token="token-we-are-leaving-behind"), BODY)
    assert response.status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"not json",
        b"null",
        b"[]",
        b'"text"',
        b"118",
        b"{}",
        b'{"id": null}',
        b'{"id": true}',
        b'{"id": ""}',
        b'{"id": "with space"}',
        b'{"id": {"$gt": ""}}',
        b'{"id": "' + b"9" * 65 + b'"}',
        b'{"id": "\\u0000"}',
        b'{"id": 1, "name": "\xff\xfe"}',
        b'{"id": 1, "name": "\\ud800"}',
        b"\xef\xbb\xbf{}",
        b'{"id": 1, "x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"id": 1, "total_inc_tax": NaN}',
        b'{"id": 1, "total_inc_tax": 1e400}',
        b'{"id": 1, "items_total": -1}',
        b'{"id": 1, "items_total": 9' + b"9" * 4000 + b"}",
        b'{"id": 1, "currency_code": "DOLLARS"}',
        b'{"id": 1, "date_modified": "yesterday"}',
        b'{"id": 1, "billing_address": "Main Street"}',
        BODY.decode().encode("utf-16"),
    ],
    ids=lambda body: repr(body[:28]),
)
def test_a_body_that_is_no_order_is_refused(sender: Sender, url: str, body: bytes) -> None:
    assert_refused(sender.post(url, body), 400)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("installations", {"integrationId": "i", "success": True}),
        ("installations", {"userId": "", "integrationId": "i", "success": True}),
        ("installations", {"userId": 5, "integrationId": "i", "success": True}),
        ("installations", {"userId": "u", "integrationId": "i"}),
        ("installations", {"userId": "u", "integrationId": "i\x00", "success": True}),
        ("installations", {"userId": "u", "integrationId": "i", "success": True, "workflowIds": 1}),
        ("errors", {}),
        ("errors", {"workflowId": "w"}),
        ("errors", {"workflowId": "w" * 65, "executionId": "e"}),
        ("errors", {"workflowId": "", "executionId": "e"}),
        ("errors", {"workflowId": "w", "executionId": ""}),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused(
    sender: Sender, alloy_user: AlloyUser, kind: str, body: dict[str, Any]
) -> None:
    url = url_of(kind, f"userId={alloy_user.user_id}")
    assert_refused(sender.post(url, body), 400)


@pytest.mark.parametrize(
    "user", ["nobody", "%00", "a%0Ab", "%ff", "'%20OR%201=1", "x" * 500, "%F0%9F%98%80"]
)
def test_a_user_we_do_not_know_is_not_found(
    sender: Sender, alloy_user: AlloyUser, user: str
) -> None:
    assert_refused(sender.post(url_of("orders", f"userId={user}"), BODY), 404)


def test_a_user_in_the_body_that_we_do_not_know_is_not_found(
    sender: Sender, alloy_user: AlloyUser
) -> None:
    for user in ("nobody", "a\0b", "a\nb"):
        body = {"userId": user, "integrationId": "i", "success": True}
        assert_refused(sender.post(url_of("installations"), body), 404)


def test_a_delivery_that_names_no_user_is_refused(sender: Sender, alloy_user: AlloyUser) -> None:
    assert_refused(sender.post(url_of("orders"), BODY), 400)


def test_the_user_of_a_tenant_who_left_is_not_known(
    sender: Sender, url: str, merchant: User
) -> None:
    merchant.delete()
    assert_refused(sender.post(url, BODY), 404)


def test_a_user_of_another_environment_is_not_known(
    sender: Sender, url: str, alloy_user: AlloyUser
) -> None:
    alloy_user.environment = "another"
    alloy_user.save()
    assert_refused(sender.post(url, BODY), 404)


def test_a_huge_body_is_refused_before_it_is_read(
    sender: Sender, url: str, settings: Settings
) -> None:
    assert_refused(sender.post(url, b" " * (5 * 1024 * 1024)), 413)
    settings.ALLOY_WEBHOOK_MAX_BYTES = len(BODY) - 1
    assert_refused(sender.post(url, BODY), 413)
    settings.ALLOY_WEBHOOK_MAX_BYTES = len(BODY)
    assert sender.post(url, BODY).status_code == 202


@pytest.mark.parametrize("length", ["abc", "-5", "\u00b2", "1e3", "9" * 5000])
def test_a_content_length_that_is_no_length_is_refused(
    sender: Sender, url: str, length: str
) -> None:
    signed = {"X-Alloy-Signature": sender.sign("POST", url, BODY)}
    response = sender.client.generic(
        "POST", url.removeprefix(BASE), BODY, headers=signed, CONTENT_LENGTH=length
    )
    assert_refused(cast(HttpResponse, response), 400)


def test_a_chunked_body_without_a_length_is_not_read(sender: Sender, url: str) -> None:
    signed = {"X-Alloy-Signature": sender.sign("POST", url, BODY), "Transfer-Encoding": "chunked"}
    response = sender.client.generic(
        "POST", url.removeprefix(BASE), BODY, headers=signed, CONTENT_LENGTH=""
    )
    assert_refused(cast(HttpResponse, response), 411)


def test_the_url_without_its_last_slash_works_too(sender: Sender, alloy_user: AlloyUser) -> None:
    url = url_of("orders", f"userId={alloy_user.user_id}").replace("/?", "?")
    assert sender.post(url, BODY).status_code == 202


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    junk=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*ORDER, *ORDER["billing_address"]]), inner)
        ),
        max_leaves=8,
    )
)
def test_no_json_whatsoever_is_a_server_error(sender: Sender, url: str, junk: Any) -> None:
    body = {**ORDER, **junk} if isinstance(junk, dict) else junk
    response = sender.post(url, json.dumps(body).encode())
    assert response.status_code in (200, 202, 400)


def test_a_refusal_is_logged_without_token_signature_or_body(
    sender: Sender, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    from acmeco.logs import logging_config
    from integrations.redaction import redact_event

    assert redact_event in logging_config(json=True)["formatters"]["structured"]["processors"]
    with caplog.at_level(logging.INFO):
        sender.post(url, b'{"secret": "of the merchant"}')
    shown = caplog.text + "".join(str(record.__dict__.get("msg")) for record in caplog.records)
    assert "of the merchant" not in shown
    assert "webhook_refused" in shown


def test_a_signed_delivery_cannot_be_moved_to_another_merchant(
    sender: Sender, url: str, other_merchant: User
) -> None:
    from tests.integrations.conftest import make_ready

    other = make_ready(other_merchant)
    sender.post(url, BODY, headers={"X-Alloy-UserId": other.user_id})
    assert Delivery.objects.get().tenant_id != other_merchant.pk


def test_a_delivery_that_cannot_be_kept_is_put_off_and_never_accepted(
    sender: Sender, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr("integrations.inbox.webhooks.keep", away)
    answer = sender.post(url, ORDER)
    assert answer.status_code == 503
    assert json.loads(answer.content) == {
        "message": "The delivery cannot be kept right now; try again."
    }
