"""Answers and the errors they stand for."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from requests.structures import CaseInsensitiveDict

from integrations.alloy.call import Answer, Call, retry_after
from integrations.alloy.errors import (
    AlloyError,
    BadAnswer,
    NotFound,
    RateLimited,
    Refused,
    ServerFault,
    TemporaryError,
    Unauthorized,
)

KEY = "sandbox_do_not_show"


def answer(status: int, body: bytes = b"", *, method: str = "POST", **headers: str) -> Answer:
    call = Call(
        method=method, base="https://alloy.test", route="/run/event", api_key=SecretStr(KEY)
    )
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(call=call, status=status, headers=CaseInsensitiveDict(named), body=body)


def error_of(status: int, body: bytes = b"", **headers: str) -> AlloyError:
    with pytest.raises(AlloyError) as raised:
        answer(status, body, **headers).json()
    return raised.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, BadAnswer) for status in (302, 304)),
        *((status, Unauthorized) for status in (401, 403)),
        *((status, NotFound) for status in (404, 410)),
        *((status, Refused) for status in (400, 405, 409, 413, 422, 451)),
        *((status, ServerFault) for status in (408, 425, 500, 502, 503, 599)),
        (429, RateLimited),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[AlloyError]) -> None:
    error = error_of(status)
    assert type(error) is kind
    assert error.status == status
    assert f"{status} to POST /run/event" in str(error)


@pytest.mark.parametrize(
    ("status", "ambiguous"), [(500, True), (504, True), (503, False), (429, False)]
)
def test_an_error_says_whether_the_request_may_have_been_acted_on(
    status: int, ambiguous: bool
) -> None:
    error = error_of(status)
    assert isinstance(error, TemporaryError)
    assert error.ambiguous is ambiguous


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<!doctype html><title>Maintenance</title>", b'{"data": [{"userId"', b"undefined"),
        *(b"NaN", b'{"total": Infinity}', b'"\\ud800"', b"\xff\xfe", b"[" * 100_000),
    ],
)
def test_a_good_status_with_a_body_that_is_not_json_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="not JSON") as bad:
        answer(200, body, Content_Type="text/html; charset=utf-8").json()
    assert bad.value.can_retry
    assert bad.value.ambiguous
    assert "Maintenance" not in str(bad.value)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"message": "Username already exists"}', "Username already exists"),
        (b'{"error": {"code": "X", "message": "No such credential"}}', "No such credential"),
        (b'{"error": "Nope"}', "Nope"),
        (b'{"message": {"message": "deep"}}', "deep"),
        *((body, "") for body in (b"{}", b'{"message": 5}', b"[]", b"<h1>Bad gateway</h1>")),
        (b'{"message": "one\\r\\ntwo\\u0000\\u202eeerht"}', "one twoeerht"),
    ],
)
def test_alloys_own_words_are_kept_on_one_line(body: bytes, detail: str) -> None:
    assert error_of(422, body).detail == detail


def test_plain_text_is_taken_for_alloys_words() -> None:
    error = error_of(401, b"Unauthorized, Wrong API Key", Content_Type="text/plain")
    assert error.detail == "Unauthorized, Wrong API Key"


def test_alloys_words_are_cut_to_a_length_one_can_show() -> None:
    error = error_of(422, b'{"message": "' + b"x" * 1_000_000 + b'"}')
    assert len(error.detail) == 300
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    "echo",
    [
        *(KEY, "Bearer abc.def", "eyJhbGciOi.eyJ1c2VySWQi.c2lnbmF0dXJl", "0123456789abcdef" * 32),
        "https://app.test/embedded-install?token=abc",
        "https://acme.test/webhooks/alloy/t0ken/orders/",
    ],
)
def test_secrets_that_alloy_echoes_are_masked(echo: str) -> None:
    error = error_of(400, b'{"message": "you sent ' + echo.encode() + b' to us"}')
    assert "[masked]" in str(error)
    assert echo not in str(error)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *(("0", 0.0), ("30", 30.0), ("007", 7.0), ("999999999", 24 * 60 * 60)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        *((value, None) for value in (None, "", "soon", "-5", "1.5", "²", "9" * 5000)),
        ("Wed, 99 Foo", None),
    ],
)
def test_a_retry_after_is_a_wait_of_a_day_at_most_or_ignored(
    value: str | None, seconds: float | None
) -> None:
    assert retry_after(value) == seconds


def test_a_retry_after_may_be_a_date() -> None:
    seconds = retry_after(format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True))
    assert seconds is not None
    assert 3500 < seconds <= 3600


@given(st.text())
def test_any_retry_after_is_a_sane_wait_or_none(value: str) -> None:
    seconds = retry_after(value)
    assert seconds is None or 0 <= seconds <= 24 * 60 * 60


@given(st.integers(100, 999), st.binary(), st.text())
def test_any_answer_is_json_or_a_typed_error(status: int, body: bytes, media_type: str) -> None:
    with suppress(AlloyError):
        answer(status, body, Content_Type=media_type).json()


def test_the_body_is_not_shown() -> None:
    assert "s3cr3t" not in repr(answer(200, b'{"token": "s3cr3t"}'))
