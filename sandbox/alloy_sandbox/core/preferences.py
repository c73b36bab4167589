"""Choices between two behaviours, where Alloy's sources disagree or say nothing."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from alloy_sandbox.core.http import Body
from alloy_sandbox.core.models import Preference


class Preferences(Body):
    """What is chosen; the defaults until somebody chooses otherwise.

    `execute_form`: Alloy's documents show `{"success", "result"}` as the answer to an execution,
    programs written against the live API read `{"executionId", "status", "responseData"}`.
    `modal`: Alloy's modal closes itself when it is done; where it stays until somebody presses
    "Done", hosts are called back twice, and must survive that.
    `username_taken`: the status in which a second user of the same name is refused.
    """

    execute_form: Literal["live", "documented"] = "live"
    modal: Literal["closes", "stays"] = "closes"
    username_taken: int = Field(422, ge=400, le=499)


def preferences() -> Preferences:
    return Preferences.model_validate(dict(Preference.objects.values_list("name", "value")))


def prefer(**choices: Any) -> Preferences:
    """Change the choices given, under the names that they have outside, and return all."""
    for name, value in choices.items():
        Preference.objects.update_or_create(name=name, defaults={"value": str(value)})
    return preferences()
