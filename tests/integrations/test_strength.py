from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.strength import weakness


@pytest.mark.parametrize(
    "secret",
    [
        *(
            "",
            "a",
            "a" * 16,
            "a" * 64,
            "ab" * 32,
            "secret" * 8,
            "0123456789abcdef" * 2,
            "aA1!" * 10,
        ),
        *("qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz0123456789", "deadbeef" * 8),
        *("development-webhook-token", "django-insecure-9f1c7be02ad84365b1f0"),
        "change-me-9f1c7be02ad843",
    ],
)
def test_what_can_be_guessed_is_weak(secret: str) -> None:
    assert weakness(secret)


@pytest.mark.parametrize("make", [secrets.token_hex, secrets.token_urlsafe])
def test_what_our_hints_make_is_strong(make: object) -> None:
    assert callable(make)
    assert not any(weakness(make(32)) for _ in range(200))


@given(st.text(alphabet="abc123", min_size=1, max_size=6), st.integers(20, 60))
def test_no_pattern_is_long_enough_to_be_strong(pattern: str, times: int) -> None:
    assert weakness(pattern * times)
