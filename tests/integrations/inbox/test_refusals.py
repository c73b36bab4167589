"""What is not a genuine, well-formed delivery is refused: 4xx, a short message, nothing stored."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Event
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from acmeco.logs import logging_config
from integrations import flood_control, inbox, webhooks
from integrations.alloy import webhooks as signature
from integrations.contrib.privacy.services import Requester, account_erase
from integrations.flood_control import log_refusal, storing
from integrations.models import AlloyUser, Delivery
from integrations.redaction import redact_event
from orders.models import Order
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.inbox.steps import BASE, ORDER, TOKEN, Sender, url_of

pytestmark = pytest.mark.django_db

BODY = json.dumps(ORDER).encode()


def assert_refused(response: HttpResponse, status: int) -> None:
    """Check the shape of a refusal, and that nothing came of it."""
    assert (response.status_code, response["Content-Type"]) == (status, "application/json")
    (message,) = json.loads(response.content).values()
    assert list(json.loads(response.content)) == ["message"]
    assert 0 < len(message) < 200
    assert (Delivery.objects.count(), Order.objects.count()) == (0, 0)


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
    webhooks.public_key_source.cache_clear()
    assert_refused(sender.post(url, BODY), 503)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(sender: Sender, url: str, method: str) -> None:
    signed = {"X-Alloy-Signature": sender.sign(method, url, BODY)}
    response = sender.send(method, url, BODY, headers=signed)
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert not Delivery.objects.exists()


def test_a_wrong_token_is_not_found_and_the_one_we_are_leaving_behind_is_right(
    sender: Sender, alloy_user: AlloyUser
) -> None:
    query = f"userId={alloy_user.user_id}"
    for token in ("wrong", TOKEN[:-1], f"{TOKEN}x", "%C3%A9", "..."):
        assert_refused(sender.post(url_of("orders", query, token=token), BODY), 404)
    former = url_of("orders", query, token="token-we-are-leaving-behind")
    assert sender.post(former, BODY).status_code == 202


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"[" * 5000, b"\xff", {"integrationId": "i"}, {"userId": 5}, {"userId": ""}],
)
def test_an_installation_that_cannot_be_read_is_a_dead_letter(
    sender: Sender, alloy_user: AlloyUser, body: Any
) -> None:
    assert sender.post(url_of("installations"), body).status_code == 202
    inbox.sweep(seconds=600)
    kept = Delivery.objects.get()
    assert (kept.state, kept.tenant) == (Delivery.State.DEAD, None)
    assert kept.error


@pytest.mark.postgresql
def test_a_user_we_do_not_know_is_not_found_wherever_it_is_named(
    sender: Sender, url: str, alloy_user: AlloyUser
) -> None:
    for user in ("nobody", "a%0Ab", "%ff", "'%20OR%201=1", "x" * 500, "%F0%9F%98%80"):
        assert_refused(sender.post(url_of("orders", f"userId={user}"), BODY), 404)
    for user in ("nobody", "a\0b", "a\nb", "x" * 500):
        body = {"userId": user, "integrationId": "i", "success": True}
        assert_refused(sender.post(url_of("installations"), body), 404)
    for user in ("nobody", "a\0b", "x" * 500):
        answer = sender.post(url_of("orders"), BODY, headers={"X-Alloy-UserId": user})
        assert_refused(answer, 404)
    assert_refused(sender.post(url_of("orders"), BODY), 400)
    AlloyUser.objects.update(environment="another")
    assert_refused(sender.post(url, BODY), 404)


@pytest.mark.postgresql
def test_a_tenant_who_left_is_refused_at_once_though_remembered(
    sender: Sender, url: str, alloy_user: AlloyUser, merchant: User
) -> None:
    hinted = {"X-Alloy-UserId": alloy_user.user_id}
    assert sender.post(url, BODY).status_code == 202
    assert sender.post(url_of("orders"), BODY, headers=hinted).status_code == 202
    assert Delivery.objects.count() == 2
    account_erase(tenant=merchant, requested_by=Requester.MERCHANT)
    assert_refused(sender.post(url, BODY), 404)
    assert_refused(sender.post(url_of("orders"), BODY, headers=hinted), 404)


@pytest.mark.django_db(transaction=True)
def test_a_tenant_whom_only_this_process_still_remembers_is_refused(
    sender: Sender, url: str, alloy_user: AlloyUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "SECONDS_TO_CACHE_A_TENANT", float("inf"))
    with monkeypatch.context() as earlier:
        earlier.setattr(webhooks, "_look_up", lambda _: 999_999)
        webhooks._tenant_of(alloy_user.user_id)
    assert_refused(sender.post(url, BODY), 404)
    assert sender.post(url, BODY).status_code == 202, "looked up anew"


def test_a_body_that_breaks_off_is_refused_and_no_server_error(sender: Sender) -> None:
    request: HttpRequest = RequestFactory().post(
        f"/webhooks/alloy/{TOKEN}/orders/", b"{}", content_type="application/json"
    )
    request._stream = Mock(read=Mock(side_effect=OSError("connection reset by peer")))
    answer = webhooks.webhook(request, TOKEN, "orders")
    assert (answer.status_code, Delivery.objects.count()) == (400, 0)


def test_a_huge_body_is_refused_before_it_is_read(
    sender: Sender, url: str, settings: Settings
) -> None:
    assert_refused(sender.post(url, b" " * (5 * 1024 * 1024)), 413)
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_MAX_BYTES": len(BODY) - 1}
    assert_refused(sender.post(url, BODY), 413)
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_MAX_BYTES": len(BODY)}
    assert sender.post(url, BODY).status_code == 202


@pytest.mark.parametrize(
    ("length", "headers", "status"),
    [
        *((each, {}, 400) for each in ("abc", "-5", "\u00b2", "1e3", "9" * 5000)),
        ("", {"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_a_length_that_is_none_is_refused_and_a_body_without_one_is_not_read(
    sender: Sender, url: str, length: str, headers: dict[str, str], status: int
) -> None:
    assert_refused(sender.post(url, BODY, headers=headers, CONTENT_LENGTH=length), status)


def test_a_body_in_chunks_is_taken_where_the_server_joins_them(
    sender: Sender, url: str, settings: Settings
) -> None:
    def post_in_chunks(body: Any) -> int:
        joined: Any = {"wsgi.input": body, "wsgi.input_terminated": True}
        chunked = {"Transfer-Encoding": "chunked"}
        return sender.post(url, BODY, headers=chunked, CONTENT_LENGTH="", **joined).status_code

    assert post_in_chunks(BytesIO(BODY)) == 202
    assert post_in_chunks(Mock(read=Mock(side_effect=Exception("no size of a chunk")))) == 400
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_MAX_BYTES": len(BODY) - 1}
    assert post_in_chunks(BytesIO(BODY)) == 413
    assert bytes(Delivery.objects.get().body) == BODY


@pytest.mark.postgresql
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
def test_any_json_whatsoever_is_kept_and_processed_or_a_dead_letter(
    sender: Sender, url: str, junk: Any
) -> None:
    body = {**ORDER, **junk} if isinstance(junk, dict) else junk
    assert sender.post(url, json.dumps(body).encode()).status_code in (200, 202)
    inbox.sweep(seconds=600)
    assert not Delivery.objects.filter(state="waiting").exists()


def test_a_refusal_is_logged_without_token_signature_or_body(
    sender: Sender, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert redact_event in logging_config(json=True)["formatters"]["structured"]["processors"]
    body = b'{"secret": "of the merchant"}'
    signed = sender.sign("POST", url, b"another")
    with caplog.at_level(logging.INFO):
        sender.post(url, body, headers={"X-Alloy-Signature": signed})
    shown = caplog.text + "".join(str(record.__dict__.get("msg")) for record in caplog.records)
    assert "webhook_refused" in shown
    for secret in ("of the merchant", signed, TOKEN):
        assert secret not in shown


def test_a_refusal_lets_what_is_being_stored_go_first(
    sender: Sender, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood_control, "SECONDS_TO_LET_OTHERS_FINISH", 60)
    done: list[str] = []
    is_storing, is_over = Event(), Event()
    waiting = storing._changed._waiters  # type: ignore[attr-defined]

    def store_until_somebody_waits() -> None:
        with storing:
            is_storing.set()
            while not (waiting or is_over.wait(0.001)):
                pass
            done.append("stored")

    with ThreadPoolExecutor() as pool:
        pool.submit(store_until_somebody_waits)
        is_storing.wait()
        try:
            assert_refused(sender.post(url, BODY, headers={"X-Alloy-Signature": "f" * 512}), 401)
            done.append("refused")
        finally:
            is_over.set()
    assert done == ["stored", "refused"]


def test_a_refusal_does_not_wait_for_a_database_that_is_stuck(sender: Sender, url: str) -> None:
    with storing:
        assert_refused(sender.post(url, BODY, headers={"X-Alloy-Signature": "f" * 512}), 401)


def test_a_flood_of_refusals_is_told_in_few_lines_and_one_number(
    sender: Sender, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    flood_control._refusals["minute"] = 0
    with caplog.at_level(logging.INFO):
        for _ in range(100):
            log_refusal(kind="orders", status=401, reason="no")
        flood_control._refusals["minute"] -= 1
        log_refusal(kind="orders", status=401, reason="no")
    told = [str(record.msg) for record in caplog.records]
    logged = sum("webhook_refused" in each for each in told)
    assert logged == flood_control.REFUSALS_LOGGED_PER_MINUTE + 1
    assert any("webhooks_refused_unlogged" in each and "40" in each for each in told)


@pytest.mark.django_db(transaction=True)
def test_a_refusal_costs_no_query_and_one_rsa_operation(
    sender: Sender,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    check = Mock(side_effect=signature._digest_in)
    monkeypatch.setattr(signature, "_digest_in", check)
    forged = sender.sign("POST", url, b"another body")
    with django_assert_num_queries(0):
        for headers in ({"X-Alloy-Signature": forged}, {"X-Alloy-Signature": ""}):
            assert sender.post(url, ORDER, headers=headers).status_code == 401
    assert check.call_count == 1


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("the server closed the connection unexpectedly"),
        InternalError("cannot execute INSERT in a read-only transaction"),
    ],
)
@pytest.mark.parametrize(
    ("owner", "name"), [(type(Delivery.objects), "keep"), (webhooks, "_look_up")]
)
def test_a_delivery_that_cannot_be_kept_is_put_off_and_never_accepted(
    sender: Sender,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    owner: object,
    name: str,
) -> None:
    webhooks.forget_tenants()
    monkeypatch.setattr(owner, name, Mock(side_effect=error))
    answer = sender.post(url, ORDER)
    assert answer.status_code == 503
    assert b'"The delivery cannot be kept right now; try again."' in answer.content
