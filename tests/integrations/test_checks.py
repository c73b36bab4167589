"""A wrong set-up is said at start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.checks import run_checks

if TYPE_CHECKING:
    from pytest_django import Settings


def complaints(*, deploy: bool = False) -> set[str]:
    found = run_checks(include_deployment_checks=deploy)
    return {each.id for each in found if each.id and each.id.startswith("integrations.")}


def test_the_set_up_of_the_tests_is_fine() -> None:
    assert complaints() == set()


@pytest.mark.parametrize("tokens", [[], [""], ["short"], ["long-enough-token-of-ours", "short"]])
def test_a_webhook_token_that_can_be_guessed_is_an_error(
    settings: Settings, tokens: list[str]
) -> None:
    settings.ALLOY_WEBHOOK_TOKENS = tokens
    assert complaints() == {"integrations.E001"}


@pytest.mark.parametrize(("name", "value"), [("LEASE_SECONDS", 16), ("CALL_DEADLINE", 10)])
def test_a_lease_shorter_than_two_calls_is_an_error(
    settings: Settings, name: str, value: Any
) -> None:
    setattr(settings, f"ALLOY_{name}", value)
    assert complaints() == {"integrations.E002"}


@pytest.mark.parametrize(
    ("origin", "complaint"),
    [("http://acme.example", {"integrations.W003"}), ("https://acme.example", set())],
)
def test_webhooks_in_the_open_are_warned_of_before_a_deployment(
    settings: Settings, origin: str, complaint: set[str]
) -> None:
    settings.ALLOY_WEBHOOK_BASE_URL = origin
    assert complaints(deploy=True) == complaint
