from __future__ import annotations

import json

import pytest

from integrations.alloy import AlloyClient, BadAnswer, Hosts, Unauthorized
from integrations.contrib.backfill import listing
from integrations.contrib.backfill.listing import ListedUser
from tests.integrations.alloy.servers import Behaviour, always, serving, whole

USERS = [{"userId": f"u{number}", "username": f"user{number}"} for number in range(3)]


def each_user(behaviour: Behaviour) -> list[ListedUser]:
    with serving(behaviour) as server:
        hosts = Hosts.at(server.origin)
        return list(listing.each_user(AlloyClient(api_key="sandbox_x", hosts=hosts)))


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
    monkeypatch.setattr("integrations.alloy.client.LONGEST_LIST", len(body) - 1)
    with pytest.raises(BadAnswer, match="too large"):
        each_user(always(whole(body)))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'[{"userId": "u0"}', "without a whole list"),
        (b"<html>", "without a whole list"),
        (b'{"data": [{"userId": "u0"}]', "without a whole list"),
        (b'[{"userId": NaN}]', "without a whole list"),
        (b'[{"userId": "\xff"}]', "without a whole list"),
        (b"", "without a whole list"),
        (b"{}", "without a list"),
        (b'{"data": {}}', "without a list"),
        (b'{"data": null}', "without a list"),
        (b'[{"username": "nobody"}]', "what is no user"),
        (b"[7]", "what is no user"),
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
