"""Requests written down: nothing that comes in as an id can change where a call goes."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from integrations.alloy import InvalidRequest
from integrations.alloy.call import Call


def call(**parts: Any) -> Call:
    return Call(**({"method": "GET", "base": "https://alloy.test/2023-12", "route": "/x"} | parts))


def user_call(user_id: str) -> Call:
    return call(route="/users/{user_id}/token", path={"user_id": user_id})


@given(st.text())
@example("../integrations")
@example("%2e%2e")
@example("a/b?c#d&e=f%2F")
@example("jane+test@example.com")
def test_any_user_id_stays_one_segment_of_the_path(user_id: str) -> None:
    try:
        url = user_call(user_id).url()
    except InvalidRequest:
        return
    sent = requests.Request("GET", url).prepare().url or ""
    segments = urlsplit(sent).path.split("/")
    assert segments[:3] + segments[4:] == ["", "2023-12", "users", "token"]
    assert unquote(segments[3]) == user_id


@pytest.mark.parametrize("user_id", ["", ".", "..", "\ud800"])
def test_an_id_that_cannot_be_a_segment_is_refused_before_anything_is_sent(user_id: str) -> None:
    with pytest.raises(InvalidRequest, match="user_id"):
        user_call(user_id).url()


def test_query_values_are_encoded_and_absent_ones_left_out() -> None:
    query = {"userId": "a&b=c", "page": 0, "error": True, "order": None}
    assert call(query=query).url().endswith("/x?userId=a%26b%3Dc&page=0&error=true")


ENDLESS: dict[str, Any] = {}
ENDLESS["body"] = ENDLESS


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1}, b"bytes", ENDLESS])
def test_what_json_cannot_express_is_refused_before_anything_is_sent(value: object) -> None:
    with pytest.raises(InvalidRequest, match="JSON"):
        call(body={"data": value}).content()


def test_only_the_route_is_shown() -> None:
    jane: dict[str, Any] = {"path": {"user_id": "jane@x"}, "query": {"userId": "jane@x"}}
    secrets = {"body": {"secret": "s3cr3t"}, "api_key": SecretStr("sandbox_key")}
    shown = repr(call(route="/users/{user_id}", **jane, **secrets))
    assert "/users/{user_id}" in shown
    assert not any(secret in shown for secret in ("jane", "s3cr3t", "sandbox_key"))
