from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contrib.activity.words import in_plain_words


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Request failed with status code 403", "refuses our access"),
        ("Request failed with status code 404: no order '7'", "could not find"),
        ("Rate limit exceeded", "too often"),
        ("connect ETIMEDOUT: timeout", "did not answer"),
        ("Request failed with status code 422", "did not accept"),
        ("Cannot read properties of undefined", "A step in BigCommerce failed"),
    ],
)
def test_an_error_is_said_in_plain_words(message: str, said: str) -> None:
    words = in_plain_words(message, app="BigCommerce")
    assert said in words
    assert "BigCommerce" in words


@given(st.text(), st.text(max_size=20))
def test_whatever_alloy_says_there_are_words_for_it(message: str, app: str) -> None:
    assert in_plain_words(message, app=app).endswith(".")
