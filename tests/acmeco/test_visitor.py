"""Whose address a request comes from: only proxies of ours are believed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from acmeco.visitor import visitor_address

LogIn = Callable[..., Any]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "caller", "visitor"),
    [
        (0, "198.51.100.7", "203.0.113.1", "203.0.113.1"),  # anybody can write that header
        (1, "198.51.100.7", "10.0.0.1", "198.51.100.7"),
        (1, "6.6.6.6, 198.51.100.7", "10.0.0.1", "198.51.100.7"),
        (2, "6.6.6.6, 198.51.100.7, 10.0.0.2", "10.0.0.1", "198.51.100.7"),
        (2, "198.51.100.7", "10.0.0.1", "198.51.100.7"),  # came past the outer one
        (1, "", "203.0.113.1", "203.0.113.1"),  # a probe that asks us directly
        (1, "198.51.100.7:5678", "10.0.0.1", "198.51.100.7"),
        (1, "[2001:db8::1]:443", "10.0.0.1", "2001:db8::1"),
        (1, "2001:DB8::1", "10.0.0.1", "2001:db8::1"),
        (1, "::ffff:198.51.100.7", "10.0.0.1", "198.51.100.7"),
        (1, "fe80::1%eth0", "10.0.0.1", "fe80::1"),
        (1, "6.6.6.6, unknown", "10.0.0.1", "10.0.0.1"),
        (1, "198.51.100.7", "", "198.51.100.7"),  # the proxy calls over a Unix socket
        (0, "", "", "127.0.0.1"),
    ],
)
def test_the_visitor_is_who_called_the_outermost_proxy_of_ours(
    proxies: int, forwarded: str, caller: str, visitor: str, settings: Settings
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    meta = {"HTTP_X_FORWARDED_FOR": forwarded, "REMOTE_ADDR": caller}
    assert visitor_address(meta) == visitor


def test_the_log_says_who_called_and_not_who_they_say_they_are(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/robots.txt", headers={"X-Forwarded-For": "6.6.6.6", "X-Real-IP": "6.6.6.6"})
    lines = [record.getMessage() for record in caplog.records]
    assert any("'ip': '127.0.0.1'" in line for line in lines)
    assert not any("6.6.6.6" in line for line in lines)


@pytest.fixture
def log_in(client: Client, settings: Settings, merchant: object) -> LogIn:
    """Return a function that logs in from an address behind our proxy."""
    settings.TRUSTED_PROXY_COUNT = 1

    def log_in(address: str, password: str, email: str = "merchant@acme.example") -> Any:
        form = {"login": email, "password": password}
        headers = {"X-Forwarded-For": f"6.6.6.6, {address}"}
        return client.post("/accounts/login/", form, headers=headers)

    return log_in


def test_one_visitor_cannot_close_login_for_everybody_behind_the_proxy(log_in: LogIn) -> None:
    for number in range(31):
        log_in("203.0.113.1", "wrong", f"nobody{number}@x.example")
    assert log_in("203.0.113.1", "a long pass phrase").status_code != 302
    assert log_in("198.51.100.7", "a long pass phrase").status_code == 302


def test_a_password_cannot_be_guessed_for_ever_and_who_tries_does_not_lock_out_its_owner(
    client: Client, log_in: LogIn
) -> None:
    for _ in range(5):
        log_in("203.0.113.1", "wrong")
    answer = log_in("203.0.113.1", "a long pass phrase")
    assert answer.status_code == 200
    assert "Too many failed login attempts" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert log_in("198.51.100.7", "a long pass phrase").status_code == 302
