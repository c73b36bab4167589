"""Answers that go into a file: with a bound of their own, and never half a one."""

from __future__ import annotations

import io
import json

import pytest

from integrations.alloy import (
    AlloyClient,
    BadAnswer,
    Hosts,
    ListedUser,
    Transport,
    Unauthorized,
    Unreachable,
    client,
)
from integrations.alloy.call import Answer, Call
from integrations.alloy.http import Download
from tests.integrations.alloy.servers import Behaviour, always, once, serving, whole

USERS = [{"userId": f"u{number}", "username": f"user{number}"} for number in range(3)]


def download(behaviour: Behaviour, *, max_bytes: int = 1000) -> tuple[Answer, bytes]:
    file = io.BytesIO()
    with serving(behaviour) as server:
        call = Call(method="GET", base=server.origin, route="/users")
        transport = Transport(max_bytes=10)
        answer = transport.send(call, download=Download(file, max_bytes))
    return answer, file.getvalue()


def each_user(behaviour: Behaviour) -> list[ListedUser]:
    with serving(behaviour) as server:
        hosts = Hosts.at(server.origin)
        return list(AlloyClient(api_key="sandbox_x", hosts=hosts).each_user())


def test_a_body_goes_into_the_file_and_not_into_memory() -> None:
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


def test_each_user_is_yielded_wrapped_or_bare() -> None:
    for body in ({"data": USERS}, USERS):
        found = each_user(always(whole(json.dumps(body).encode())))
        assert [user.user_id for user in found] == ["u0", "u1", "u2"]


def test_each_user_of_a_list_longer_than_other_answers_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = [{"userId": f"u{number}", "fullName": "x" * 200} for number in range(30_000)]
    body = json.dumps(many).encode()
    assert len(body) > 5 * 1024 * 1024
    assert len(each_user(always(whole(body)))) == 30_000
    monkeypatch.setattr(client, "LONGEST_LIST", len(body) - 1)
    with pytest.raises(BadAnswer, match="too large"):
        each_user(always(whole(body)))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'[{"userId": "u0"}', "without a list"),
        (b"<html>", "without a list"),
        (b'[{"username": "nobody"}]', "that is no ListedUser"),
        (b"[7]", "that is no ListedUser"),
    ],
)
def test_what_is_not_a_list_of_users_is_a_bad_answer(body: bytes, said: str) -> None:
    with pytest.raises(BadAnswer, match=said):
        each_user(always(whole(body)))


def test_usernames_are_told_exactly_so_that_no_two_are_taken_for_one() -> None:
    names = [" jane ", "jane\u202e", "x" * 255]
    body = json.dumps([{"userId": "u", "username": name} for name in names]).encode()
    assert [user.username for user in each_user(always(whole(body)))] == names


def test_a_refused_list_raises_the_error_that_fits() -> None:
    with pytest.raises(Unauthorized):
        each_user(always(whole(b"{}", head=b"HTTP/1.1 401 Unauthorized")))
