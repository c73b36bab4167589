"""Answers that go into a file: with a bound of their own, and never half a one."""

from __future__ import annotations

import io

import pytest

from integrations.alloy import BadAnswer, Transport, Unreachable, http
from integrations.alloy.call import Answer, Call
from integrations.alloy.http import Download
from tests.integrations.alloy.servers import Behaviour, always, once, serving, whole


def download(behaviour: Behaviour) -> tuple[Answer, bytes]:
    file = io.BytesIO()
    with serving(behaviour) as server:
        call = Call(method="GET", base=server.origin, route="/users")
        answer = Transport().send(call, download=Download(file, 1000))
    return answer, file.getvalue()


def test_a_body_goes_into_the_file_and_not_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 10)
    answer, written = download(always(whole(b"x" * 500)))
    assert (answer.status, answer.body, written) == (200, b"", b"x" * 500)


def test_the_file_has_its_own_bound() -> None:
    with pytest.raises(BadAnswer, match="too large"):
        download(always(whole(b"x" * 1001)))


def test_a_refusal_is_kept_out_of_the_file() -> None:
    answer, written = download(always(whole(b"no", head=b"HTTP/1.1 401 Unauthorized")))
    assert (answer.status, answer.body, written) == (401, b"no", b"")


def test_an_answer_that_breaks_off_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        download(once(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"))
