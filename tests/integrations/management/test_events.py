"""`manage.py alloy_events --push`: against a real sandbox."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from tests.services.sandbox import Sandbox


def test_a_sandbox_takes_every_event_that_is_declared(
    sandbox: Sandbox, settings: LazySettings
) -> None:
    settings.ALLOY = {**settings.ALLOY, "SANDBOX_URL": sandbox.url}
    sandbox.control("PUT", "catalogue", {})
    call_command("alloy_events", "--push")
    events = {each["name"]: each["body"] for each in sandbox.call("GET", "/events")["data"]}
    assert events["Fulfillment Updated"] == {"orderId": "String", "status": "String"}


def test_alloy_itself_takes_none(settings: LazySettings) -> None:
    settings.ALLOY = {**settings.ALLOY, "SANDBOX_URL": ""}
    with pytest.raises(CommandError, match="in the builder"):
        call_command("alloy_events", "--push")


def test_a_sandbox_that_is_down_is_said_to_be_down(settings: LazySettings) -> None:
    settings.ALLOY = {**settings.ALLOY, "SANDBOX_URL": "http://localhost:1"}
    with pytest.raises(CommandError, match="did not take them"):
        call_command("alloy_events", "--push")
