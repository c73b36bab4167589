"""What can be chosen while running: behaviours that Alloy's sources disagree on, and addresses."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from django.conf import settings
from pydantic import AfterValidator, Field

from alloy_sandbox.core.api import Body, is_web_address
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


def _web_address(url: str) -> str:
    if url and not is_web_address(url):
        raise ValueError("must be an absolute http or https URL, or empty")
    return url


Url = Annotated[str, AfterValidator(_web_address)]


class Destinations(Body):
    """Where webhooks go: `{userId}` in an address stands for the user's id; "" is nowhere."""

    installations: Url = ""
    orders: Url = ""
    errors: Url = ""


def preferences() -> Preferences:
    return Preferences.model_validate(_chosen())


def destinations() -> Destinations:
    return Destinations.model_validate({**settings.SANDBOX_DESTINATIONS, **_chosen()})


def destination(kind: str, user_id: str) -> str:
    """Return one address with the user's id put where it says `{userId}`."""
    url: str = getattr(destinations(), kind)
    return url.replace("{userId}", quote(user_id, safe=""))


def prefer(**choices: Any) -> None:
    """Change the choices given, under the names that they have outside."""
    for name, value in choices.items():
        Preference.objects.update_or_create(name=name, defaults={"value": str(value)})


def _chosen() -> dict[str, str]:
    return dict(Preference.objects.values_list("name", "value"))
